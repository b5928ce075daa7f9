/** The tables of a salon's booking bot with rows in them: what a demo and the tests move. All of it is made up. */
import type { Queryable } from "../db/database.ts";
import { quoteName } from "../db/quote.ts";
import { readSql } from "../sql-file.ts";

const read = (name: string): string => readSql(new URL(`salon/${name}.sql`, import.meta.url));

/** How many rows each table holds, as a real salon's did. */
export const SALON_ROWS = {
  actions: 90,
  bookings: 45,
  clients: 1_304,
  companies: 1,
  company_sync_status: 1,
  dialog_contexts: 21,
  messages: 210,
  services: 63,
  staff: 12,
  staff_schedules: 44,
} as const;

/** The tables that stand in the target already, and stay as they are. */
export const PRESERVED_ROWS = { whatsapp_auth: 1, whatsapp_keys: 1_127 } as const;

/** Makes the salon's tables in a schema, which it makes too where it is missing, and fills them. */
export async function makeSalon(db: Queryable, schema = "public", { rows = true } = {}): Promise<void> {
  await runIn(db, schema, read("tables"));
  if (rows) await runIn(db, schema, read("rows"));
}

/** Makes the tables that are to be preserved, with their rows. */
export const makePreserved = (db: Queryable, schema = "public"): Promise<void> => runIn(db, schema, read("preserved"));

/** Runs statements as one transaction in which names without a schema are found in this one. */
export async function runIn(db: Queryable, schema: string, sql: string): Promise<void> {
  const name = quoteName(schema);
  await db.query(`create schema if not exists ${name}; set local search_path = ${name}; ${sql}`);
}
