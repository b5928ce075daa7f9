/** Ends sessions of a run at random moments, as an administrator or a failing network might. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Asked } from "../helpers/crm.ts";

const MOST_MS = 100;
/** Without an end to it, a page that takes longer than from one hit to the next would never be stored. */
const MOST_HITS = 12;
/** Every so many hits the connection that holds the run's lock may be struck, too. */
const LOCK_EVERY = 6;

/** Any session of a run while it stores pages; $1: a random number; $2: whether the one with the lock counts. */
const TERMINATE = `
  with session as (
    select pid, row_number() over (order by pid) as place, count(*) over () as sessions
      from pg_stat_activity a
     where datname = current_database() and application_name = 'crm-migrations'
       and ($2 or not exists (select from pg_locks l where l.pid = a.pid and l.locktype = 'advisory' and l.granted))
       and exists (select from migration_checkpoints c join migration_runs r on r.id = c.run_id and r.status = 'running'))
  select pg_terminate_backend(pid)
    from session
   where place = 1 + floor($1::float8 * sessions)`;

/** Begins; returns how to stop, which tells how many sessions were ended. */
export function terminateAtRandom(db: Asked, random: () => number): () => Promise<number> {
  let going = true;
  let hits = 0;
  const work = (async () => {
    while (going && hits < MOST_HITS) {
      const { rowCount } = await db.query(TERMINATE, [random(), hits % LOCK_EVERY === LOCK_EVERY - 1]);
      hits += rowCount ?? 0;
      await sleep(random() * MOST_MS);
    }
  })();
  return async () => {
    going = false;
    await work;
    return hits;
  };
}

/** Ends the session that holds the run's lock; the others stay. */
export const terminateLock = (db: Asked): Promise<unknown> =>
  db.query(
    `select pg_terminate_backend(pid)
       from pg_locks
      where locktype = 'advisory' and granted
        and database = (select oid from pg_database where datname = current_database())`,
  );
