import { setTimeout as sleep } from "node:timers/promises";
import type pg from "pg";
import type { Streamable } from "./copy.ts";
import type { Database, Queryable } from "./database.ts";
import { isConnectionLoss, sqlStateOf } from "./pg-errors.ts";

export interface TransactionOptions {
  /** PostgreSQL itself refuses every write to a table. */
  readonly readOnly?: boolean;
  /** All its statements see the database as it was at the first one. */
  readonly oneSnapshot?: boolean;
  /** Milliseconds after which a statement stops to wait for a lock (SQLSTATE 55P03). */
  readonly lockTimeoutMs?: number;
  /** Milliseconds after which a statement is ended (SQLSTATE 57014). */
  readonly statementTimeoutMs?: number;
  /**
   * Whether the transaction of this number took place: a row that it, and nobody else, would have written tells. Without it the
   * server's own record is asked, which may take one that was lost in a crash for another that got its number since.
   */
  readonly tookPlace?: (db: Queryable, xid: string) => Promise<boolean>;
}

/** Where a commit was sent and no answer came: how often, and how far apart, the server is asked what became of it. */
const ASK_TIMES = 60;
const ASK_EVERY_MS = 500;
const IN_THE_FUTURE = "22023";

/**
 * Runs `work` in one transaction on a connection of its own: committed when it returns, rolled back when it throws. Where the
 * connection is lost in the commit itself, the server is asked whether it took place.
 */
export async function inTransaction<T>(
  db: Database,
  options: TransactionOptions,
  work: (tx: Queryable) => Promise<T>,
): Promise<T> {
  const client = await db.pool.connect();
  let broken: Error | undefined;
  const onError = (error: Error) => {
    broken = error;
  };
  client.on("error", onError);
  try {
    await client.query(beginning(options));
    const result = await work(asQueryable(client));
    await commit(client, db, options);
    return result;
  } catch (error) {
    if (isConnectionLoss(error)) broken ??= error as Error;
    if (broken === undefined) await client.query("rollback").catch(onError);
    throw error;
  } finally {
    client.off("error", onError);
    client.release(broken);
  }
}

const beginning = ({ readOnly, oneSnapshot, lockTimeoutMs, statementTimeoutMs }: TransactionOptions): string =>
  [
    `begin transaction isolation level ${oneSnapshot ? "repeatable read" : "read committed"} read ${readOnly ? "only" : "write"}`,
    ...(lockTimeoutMs === undefined ? [] : [`set local lock_timeout = ${lockTimeoutMs}`]),
    ...(statementTimeoutMs === undefined ? [] : [`set local statement_timeout = ${statementTimeoutMs}`]),
  ].join("; ");

async function commit(client: pg.PoolClient, db: Database, { tookPlace }: TransactionOptions): Promise<void> {
  const { rows } = await client.query<{ xid: string | null }>("select pg_current_xact_id_if_assigned()::text as xid");
  try {
    await client.query("commit");
  } catch (error) {
    const xid = rows[0]?.xid ?? null;
    if (xid === null || !isConnectionLoss(error) || !(await hasEndedWell(db, xid, tookPlace))) throw error;
  }
}

/** Whether a transaction took place whose commit was not answered; throws where no server can be asked. */
async function hasEndedWell(db: Database, xid: string, tookPlace: TransactionOptions["tookPlace"]): Promise<boolean> {
  for (let asked = 1; ; asked++) {
    try {
      const status = await statusOf(db, xid);
      if (status !== "in progress") return tookPlace === undefined ? status === "committed" : await tookPlace(db, xid);
    } catch (error) {
      if (asked === ASK_TIMES) throw error;
    }
    await sleep(ASK_EVERY_MS);
  }
}

/** Undefined for a number that no transaction has had: the server crashed, and it was lost. */
async function statusOf(db: Queryable, xid: string): Promise<string | undefined> {
  try {
    const { rows } = await db.query<{ status: string | null }>("select pg_xact_status($1::xid8) as status", [xid]);
    return rows[0]?.status ?? undefined;
  } catch (error) {
    if (sqlStateOf(error) === IN_THE_FUTURE) return undefined;
    throw error;
  }
}

/** Runs `work` so that its failure undoes only itself; returns undefined where it failed with an error that `forgive` accepts. */
export async function withSavepoint<T>(
  tx: Queryable,
  forgive: (error: unknown) => boolean,
  work: () => Promise<T>,
): Promise<T | undefined> {
  await tx.query("savepoint attempt");
  try {
    const result = await work();
    await tx.query("release savepoint attempt");
    return result;
  } catch (error) {
    if (!forgive(error)) throw error;
    await tx.query("rollback to savepoint attempt");
    return undefined;
  }
}

const asQueryable = (client: pg.PoolClient): Streamable => ({
  query: (sql, values) => client.query(sql, values as unknown[] | undefined),
  submit: (job) => client.query(job),
});
