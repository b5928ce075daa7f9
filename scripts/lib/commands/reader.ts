import { cancelPoolOnAbort } from "../db/cancel.ts";
import { type Database, withDatabase } from "../db/database.ts";
import type { Desk } from "./desk.ts";

/** Opens the desk's database to read from it. Once the signal is aborted the server ends what it is busy with, and the signal's reason is thrown. */
export const withReader = <T>(
  desk: Pick<Desk, "address" | "signal">,
  work: (db: Database) => Promise<T>,
  { max = 1 } = {},
): Promise<T> =>
  // Behind a transaction pooler a session's setting would stay with a connection that others get next.
  withDatabase(desk.address, { max, readOnly: !desk.address.pooled }, (db) =>
    heedingSignal(db, desk.signal, () => work(db)),
  );

/** The same with a database that is open already. */
export async function heedingSignal<T>(db: Database, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  const stopListening = cancelPoolOnAbort(db, signal);
  try {
    return await work();
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    stopListening();
  }
}
