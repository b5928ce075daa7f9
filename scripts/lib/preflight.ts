import { type BatchEntry, batchOf, commandOf } from "./batches.ts";
import { type Database, openConnection, type Queryable } from "./db/database.ts";
import { UserError } from "./errors.ts";
import type { AnyBatch } from "./task.ts";

const OLDEST_SERVER = 14;

/** Refuses, with a UserError, a server that a run would not be safe on. */
export async function checkServer(db: Database): Promise<void> {
  const { rows } = await db.query<{ version: string; encoding: string; replica: boolean; pid: number }>(
    `select current_setting('server_version_num')::int / 10000 as version,
            current_setting('server_encoding') as encoding,
            pg_is_in_recovery() as replica,
            pg_backend_pid() as pid`,
  );
  const server = rows[0];
  const { display, pooled } = db.address;
  if (server === undefined) throw new UserError(`${display} gives no answer to a simple query.`);
  if (Number(server.version) < OLDEST_SERVER)
    throw new UserError(`${display} is PostgreSQL ${server.version}; ${OLDEST_SERVER} or newer is needed.`);
  if (server.encoding !== "UTF8")
    throw new UserError(
      `${display} has the encoding ${server.encoding}; the database must be made with encoding UTF8.`,
    );
  if (server.replica && !db.readOnly)
    throw new UserError(`${display} is a read-only replica. Give the primary's URL in DATABASE_URL, or use --dry-run.`);
  if (pooled || (await sharesConnections(db)))
    throw new UserError(
      `${display} is a transaction pooler, which would lose the run's lock. Give the server's own URL in DIRECT_URL.`,
    );
}

/** Behind a transaction pooler two connections at once are served by one session of the server. */
async function sharesConnections(db: Database): Promise<boolean> {
  const held = await db.pool.connect();
  const other = await openConnection(db.address);
  try {
    const pids = new Set<number>();
    for (const connection of [held, other, held, other])
      pids.add((await connection.query<{ pid: number }>("select pg_backend_pid() as pid")).rows[0]?.pid ?? 0);
    return pids.size !== 2;
  } finally {
    held.release();
    await other.end();
  }
}

/** Ends with a UserError where an earlier batch that this one needs is missing; returns a line for each that is advised. */
export async function checkEarlierBatches(
  db: Queryable,
  batch: AnyBatch,
  { dryRun }: { dryRun: boolean },
): Promise<string[]> {
  const advice: string[] = [];
  for (const number of batch.requires) {
    const needed = batchOf(number);
    if (await isBatchApplied(db, needed)) continue;
    const lack = `Batch ${number} has not been applied to this database. Run first: ${commandOf(needed.name)}`;
    // What a schema batch would make can be listed on an empty database, too.
    if (!dryRun || batch.pages !== undefined) throw new UserError(lack);
    return [lack];
  }
  for (const number of batch.advises ?? []) {
    const advised = batchOf(number);
    if (!(await isBatchApplied(db, advised)))
      advice.push(`Batch ${number} has not been applied; it is advised before this one: ${commandOf(advised.name)}`);
  }
  await checkTables(db, batch);
  return advice;
}

/** A schema batch is applied by its entry in `_prisma_migrations`, a data batch by a run that was not rolled back. */
export async function isBatchApplied(db: Queryable, { kind, name, folders, appliedBy }: BatchEntry): Promise<boolean> {
  if (!(await exists(db, kind === "schema" ? "_prisma_migrations" : "migration_runs"))) return false;
  const { rows } =
    kind === "schema"
      ? await db.query(
          `select 1 from _prisma_migrations
            where migration_name = $1 and finished_at is not null and rolled_back_at is null limit 1`,
          [folders.at(-1)],
        )
      : await db.query(
          `select 1 from migration_runs
            where script = $1 and mode = 'write' and status <> 'rolled_back'
              and ($2::text[] is null or options ->> 'step' = any ($2)) limit 1`,
          [name, appliedBy ?? null],
        );
  return rows.length > 0;
}

/** Tables of batch 1 that every later batch works with. */
const TABLES = ["Lead", "Job", "Audit", "Customer", "Conversation", "Message", "migration_runs", "migration_errors"];

async function checkTables(db: Queryable, batch: AnyBatch): Promise<void> {
  if (!batch.requires.includes(1)) return;
  const { rows } = await db.query<{ name: string }>(
    "select name from unnest($1::text[]) name where to_regclass(quote_ident(name)) is null",
    [TABLES],
  );
  if (rows.length === 0) return;
  const missing = rows.map(({ name }) => `"${name}"`).join(", ");
  const name = batchOf(1).name;
  throw new UserError(
    `Missing: ${missing}, though batch 1 is recorded as applied. Restore it from a backup, or roll batch 1 back and run ${commandOf(name)}`,
  );
}

async function exists(db: Queryable, table: string): Promise<boolean> {
  const { rows } = await db.query("select 1 where to_regclass(quote_ident($1)) is not null", [table]);
  return rows.length > 0;
}
