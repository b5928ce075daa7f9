import type pg from "pg";
import type { Address } from "./address.ts";
import { type Database, openConnection } from "./database.ts";

/** The server process behind a connection. */
export const backendOf = (connection: pg.Client): number =>
  (connection as pg.Client & { readonly processID: number }).processID;

/** Has the server cancel what the connection is busy with as soon as the signal is aborted. Returns how to stop listening. */
export function cancelOnAbort(connection: pg.Client, address: Address, signal: AbortSignal | undefined): () => void {
  const cancel = () => void cancelBackend(address, backendOf(connection));
  signal?.addEventListener("abort", cancel);
  return () => signal?.removeEventListener("abort", cancel);
}

/** The same for each connection that a pool opens from now on. */
export function cancelPoolOnAbort({ pool, address }: Database, signal: AbortSignal): () => void {
  const stops: (() => void)[] = [];
  const listen = (client: pg.PoolClient) => stops.push(cancelOnAbort(client as unknown as pg.Client, address, signal));
  pool.on("connect", listen);
  return () => {
    pool.off("connect", listen);
    for (const stop of stops) stop();
  };
}

async function cancelBackend(address: Address, pid: number): Promise<void> {
  try {
    const other = await openConnection(address);
    await other.query("select pg_cancel_backend($1)", [pid]).finally(() => other.end());
  } catch {
    // Where no connection is to be had, the statement runs to its end, and the signal is heeded then.
  }
}
