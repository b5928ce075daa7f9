import type { Queryable } from "../db/database.ts";
import { MustWait } from "../errors.ts";

/** Throws MustWait where the script's last run ended because it must wait, and that time has not come. */
export async function refuseBeforeTime(db: Queryable, script: string): Promise<void> {
  const { rows } = await db.query<{ until: string; error: string | null }>(
    `select progress ->> 'until' as until, error
       from (select status, progress, error
               from migration_runs
              where script = $1
           order by id desc
              limit 1) last
      where status = 'waiting'
        and (progress ->> 'until')::timestamptz > now()`,
    [script],
  );
  const [last] = rows;
  if (last === undefined) return;
  throw new MustWait(`${last.error ?? "The last run must wait."} Not before ${last.until}.`, {
    until: new Date(last.until),
  });
}
