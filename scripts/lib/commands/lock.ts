/** What only one at a time may do on a database: drive its batches up or down. Two at once would meet between two batches. */
export const DRIVER_LOCK = "migrate.ts up or rollback";
