import type pg from "pg";
import { MustWait, RunFailed } from "../errors.ts";
import type { Address } from "./address.ts";
import { openConnection, type Queryable } from "./database.ts";
import { withPatience } from "./patience.ts";
import { describeError } from "./pg-errors.ts";

/** The key that `rollback.sql` takes, too; $1 is the script. */
export const LOCK_KEY = "hashtextextended('crm-migrations:' || $1, 0)";

/** So long our own lost session may still be taken for a living one, and hold the lock. */
const LINGERS_MS = 5_000;

/**
 * Holds the script's lock while `work` runs, on a connection that does nothing else: the server frees it when that
 * connection ends, however it ends. Throws MustWait, naming the holder, where another has it. A lock whose connection breaks is
 * taken again; `lost` is aborted where that can't be done before somebody else has it, or within some 30 seconds. What runs
 * meanwhile is protected by its lease.
 */
export async function withRunLock<T>(
  address: Address,
  script: string,
  work: (lost: AbortSignal) => Promise<T>,
): Promise<T> {
  const lost = new AbortController();
  const done = new AbortController();
  let connection = await takeLock(address, script);
  const onEnd = () => void regain();
  const watch = () => connection.on("error", onEnd).on("end", onEnd);
  const regain = async () => {
    connection.off("error", onEnd).off("end", onEnd);
    const since = performance.now();
    const mayPass = (error: unknown) => error instanceof MustWait && performance.now() - since < LINGERS_MS;
    try {
      const patience = { signal: done.signal, mayPass };
      connection = await withPatience(patience, () => takeLock(address, script));
    } catch (error) {
      return lost.abort(
        new RunFailed(`The lock was lost with its connection: ${describeError(error)} Run again to go on.`),
      );
    }
    if (done.signal.aborted) return closeQuietly(connection);
    watch();
  };
  watch();
  try {
    return await work(lost.signal);
  } finally {
    done.abort();
    connection.off("end", onEnd);
    await closeQuietly(connection);
  }
}

async function takeLock(address: Address, script: string): Promise<pg.Client> {
  const connection = await openConnection(address);
  try {
    const { rows } = await connection.query<{ locked: boolean }>(`select pg_try_advisory_lock(${LOCK_KEY}) as locked`, [
      script,
    ]);
    if (rows[0]?.locked === true) return connection;
    throw new MustWait(await describeHolder(connection, script));
  } catch (error) {
    await closeQuietly(connection);
    throw error;
  }
}

async function closeQuietly(connection: pg.Client): Promise<void> {
  // A connection that is broken already can't say goodbye; its lock went with it.
  await connection.end().catch(() => undefined);
}

interface Holder {
  pid: number;
  application: string | null;
  since: string | null;
}

async function describeHolder(db: Queryable, script: string): Promise<string> {
  const { rows } = await db.query<Holder>(
    `select l.pid, a.application_name as application, to_char(a.backend_start, 'YYYY-MM-DD HH24:MI:SS "UTC"') as since
       from pg_locks l
       left join pg_stat_activity a on a.pid = l.pid
      where l.locktype = 'advisory' and l.granted and l.objsubid = 1
        and l.database = (select oid from pg_database where datname = current_database())
        and (l.classid::bigint << 32 | l.objid::bigint) = ${LOCK_KEY}`,
    [script],
  );
  const [holder] = rows;
  const run = await runningRun(db, script);
  const who = holder === undefined ? "another session" : `session ${holder.pid} (${holder.application || "unnamed"})`;
  const since = holder?.since ?? "a moment ago";
  return `${script} is already running on this database: ${run ?? who} holds its lock since ${since}. Run again when it has ended.`;
}

async function runningRun(db: Queryable, script: string): Promise<string | undefined> {
  const { rows: tables } = await db.query("select 1 where to_regclass('migration_runs') is not null");
  if (tables.length === 0) return undefined;
  const { rows } = await db.query<{ id: string; host: string; pid: number }>(
    "select id, host, pid from migration_runs where script = $1 and status = 'running' order by id desc limit 1",
    [script],
  );
  const [run] = rows;
  return run && `run ${run.id}, process ${run.pid} on ${run.host},`;
}
