import { setTimeout as sleep } from "node:timers/promises";
import type pg from "pg";
import { backendOf } from "../db/cancel.ts";
import type { Queryable } from "../db/database.ts";

/** A wait shorter than this is not worth a line. */
const LOOK_EVERY_MS = 1_000;

interface Watcher {
  readonly db: Queryable;
  readonly say: (line: string) => void;
}

/** Runs `work` on a connection, and says in one line for whom the connection waits, each time that this changes. */
export async function whileWatchingLocks<T>(
  watcher: Watcher,
  connection: pg.Client,
  work: () => Promise<T>,
): Promise<T> {
  const done = new AbortController();
  const watching = watch(watcher, backendOf(connection), done.signal);
  try {
    return await work();
  } finally {
    done.abort();
    await watching;
  }
}

async function watch({ db, say }: Watcher, pid: number, done: AbortSignal): Promise<void> {
  let said: string | undefined;
  while (!done.aborted) {
    await sleep(LOOK_EVERY_MS, undefined, { signal: done }).catch(() => undefined);
    if (done.aborted) return;
    // Watching is a courtesy: where it fails, the work goes on and reports what matters itself.
    const holder = await holderOf(db, pid).catch(() => undefined);
    if (holder !== undefined && holder !== said) say(`Waiting for a lock that ${holder} holds.`);
    said = holder;
  }
}

async function holderOf(db: Queryable, pid: number): Promise<string | undefined> {
  const { rows } = await db.query<{ holder: string }>(
    `select format('session %s (%s%s)', a.pid, coalesce(nullif(a.application_name, ''), 'unnamed'),
                   to_char(a.xact_start, '", in a transaction since "HH24:MI:SS "UTC"')) as holder
       from unnest(pg_blocking_pids($1)) as blocking (pid)
       join pg_stat_activity a using (pid)
      order by a.xact_start
      limit 1`,
    [pid],
  );
  return rows[0]?.holder;
}
