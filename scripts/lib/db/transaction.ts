import type pg from "pg";
import type { Database, Queryable } from "./database.ts";
import { isConnectionLoss } from "./pg-errors.ts";

export interface TransactionOptions {
  /** PostgreSQL itself refuses every write to a table. */
  readonly readOnly?: boolean;
}

/** Runs `work` in one transaction on a connection of its own: committed when it returns, rolled back when it throws. */
export async function inTransaction<T>(
  db: Database,
  { readOnly = false }: TransactionOptions,
  work: (tx: Queryable) => Promise<T>,
): Promise<T> {
  const client = await db.pool.connect();
  let broken: Error | undefined;
  const onError = (error: Error) => {
    broken = error;
  };
  client.on("error", onError);
  try {
    await client.query(`begin transaction isolation level read committed ${readOnly ? "read only" : "read write"}`);
    const result = await work(asQueryable(client));
    await client.query("commit");
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

const asQueryable = (client: pg.PoolClient): Queryable => ({
  query: (sql, values) => client.query(sql, values as unknown[] | undefined),
});
