import type pg from "pg";
import { cancelOnAbort } from "../db/cancel.ts";
import { type Database, openConnection, type Queryable } from "../db/database.ts";
import { describeError, sqlStateOf } from "../db/pg-errors.ts";
import { quoteName } from "../db/quote.ts";
import { MustWait, RunFailed } from "../errors.ts";
import { type IndexStatement, indexState, pendingIndexes } from "./indexes.ts";
import { whileWatchingLocks } from "./lock-watch.ts";

/** A concurrent build blocks no writer, however long it waits; so it may wait long for the transactions before it. */
const LOCK_TIMEOUT = "10min";

/** Who kept the build waiting most likely keeps this waiting too; then the next run does it. */
const CLEANUP_LOCK_TIMEOUT = "500ms";

/** Function, table, column, type: made by the same file, after or before the index. */
const MADE_BY_THE_FILE = new Set(["42883", "42P01", "42703", "42704"]);

/** What a build may use of a batch's context. */
export interface Builder {
  readonly db: Database;
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
}

/**
 * Builds what is missing of a file's indexes without blocking writers, so that the file's own `if not exists` finds them.
 * Indexes of empty tables are left to the file; those that an interrupted build left invalid are built anew.
 */
export async function buildIndexes(
  builder: Builder,
  statements: readonly IndexStatement[],
  lockTimeout = LOCK_TIMEOUT,
): Promise<void> {
  const pending = await pendingIndexes(builder.db, statements);
  if (pending.length === 0) return;
  const connection = await openConnection(builder.db.address);
  const stopListening = cancelOnAbort(connection, builder.db.address, builder.signal);
  try {
    await connection.query(`set lock_timeout = '${lockTimeout}'; set statement_timeout = 0`);
    for (const statement of pending) {
      builder.signal.throwIfAborted();
      await buildIndex(builder, connection, statement);
    }
  } finally {
    stopListening();
    await connection.end();
  }
}

async function buildIndex(builder: Builder, connection: pg.Client, statement: IndexStatement): Promise<void> {
  const { db, signal, say } = builder;
  const invalid = (await indexState(db, statement)) === "invalid";
  if (!invalid && !(await hasRows(db, statement.table))) return;
  const began = performance.now();
  say(`Building index ${statement.finalName ?? statement.name} on ${statement.table}; writers are not blocked.`);
  try {
    await whileWatchingLocks(builder, connection, async () => {
      if (invalid) await connection.query(`drop index concurrently if exists ${await qualifiedName(db, statement)}`);
      await connection.query(statement.concurrently);
    });
    say(
      `Built index ${statement.finalName ?? statement.name} in ${((performance.now() - began) / 1000).toFixed(1)} s.`,
    );
  } catch (error) {
    await dropLeftover(builder, connection, statement);
    signal.throwIfAborted();
    const state = sqlStateOf(error);
    if (state === undefined) throw error;
    if (!MADE_BY_THE_FILE.has(state)) throw explain(error, statement);
    say(
      `Index ${statement.finalName ?? statement.name} needs what its own file makes: it is built with the file, and writers wait.`,
    );
  }
}

/** What a failed build leaves slows every writer down, and if it is unique it even refuses their rows. */
async function dropLeftover({ db }: Builder, connection: pg.Client, statement: IndexStatement): Promise<void> {
  const drop = async () => {
    if ((await indexState(db, statement)) !== "invalid") return;
    await connection.query(`set lock_timeout = '${CLEANUP_LOCK_TIMEOUT}'`);
    await connection.query(`drop index concurrently if exists ${await qualifiedName(db, statement)}`);
  };
  // Where even this fails, the error of the build is the one to report; the next run finds the index invalid.
  await drop().catch(() => undefined);
}

function explain(error: unknown, { name }: IndexStatement): Error {
  if (sqlStateOf(error) === "55P03")
    return new MustWait(`Index ${name}: another session kept a lock for too long. Run again when it has ended.`);
  return new RunFailed(`Index ${name} could not be built: ${describeError(error)}. Run again to build it anew.`, {
    cause: error,
  });
}

async function hasRows(db: Queryable, table: string): Promise<boolean> {
  const { rows: tables } = await db.query("select 1 where to_regclass($1) is not null", [table]);
  if (tables.length === 0) return false;
  const { rows } = await db.query<{ filled: boolean }>(`select exists (select from ${table}) as filled`);
  return rows[0]?.filled === true;
}

/** An index lives in its table's schema, which need not be the first of the search path. */
async function qualifiedName(db: Queryable, { name, table }: IndexStatement): Promise<string> {
  const { rows } = await db.query<{ schema: string }>(
    "select relnamespace::regnamespace::text as schema from pg_class where oid = to_regclass($1)",
    [table],
  );
  return `${rows[0]?.schema ?? ""}.${quoteName(name)}`;
}
