import type { BatchEntry } from "../../batches.ts";
import { type CheckOptions, type CheckResult, runChecks } from "../../checks.ts";
import type { Database, Queryable } from "../../db/database.ts";
import { RunFailed } from "../../errors.ts";
import { hasJournal } from "../../journal/runs.ts";
import { listFolders } from "../../schema/folders.ts";

export interface BatchCheckOptions extends Omit<CheckOptions, "settings"> {
  /** ISO 8601: what is younger need not be taken in yet. */
  readonly until?: string;
}

/** Runs the checks of all folders of a batch, judged by what its runs were asked for. Only reads. */
export async function checkBatch(
  db: Database,
  entry: BatchEntry,
  { until, ...options }: BatchCheckOptions = {},
): Promise<CheckResult[]> {
  const settings = { ...(await settingsOf(db, entry)), ...(until === undefined ? {} : { "backfill.until": until }) };
  const folders = await listFolders();
  const results: CheckResult[] = [];
  for (const name of entry.folders) {
    const path = folders.find((folder) => folder.name === name)?.verify;
    if (path === undefined)
      throw new RunFailed(`prisma/migrations/${name} has no verify.sql: batch ${entry.number} can't be verified.`);
    results.push(...(await runChecks(db, path, { ...options, settings })));
  }
  return results;
}

/** The last run that looked at everything says whose audits count, where its command line did. */
const LAST_ACTORS = `
  select (select string_agg(actor, ',') from jsonb_array_elements_text(actors) actor) as actors
    from (select case when jsonb_typeof(options -> 'actors') = 'array' then options -> 'actors' end as actors
            from migration_runs
           where script = $1
             and status <> 'rolled_back'
             and options ->> 'lead' is null
             and options ->> 'limit' is null
             and options ->> 'retryErrors' is distinct from 'true'
        order by id desc
           limit 1) last_run`;

async function settingsOf(db: Queryable, { kind, name }: BatchEntry): Promise<Record<string, string>> {
  if (kind === "schema" || !(await hasJournal(db))) return {};
  const { rows } = await db.query<{ actors: string | null }>(LAST_ACTORS, [name]);
  const actors = rows[0]?.actors ?? "";
  return actors === "" ? {} : { "backfill.actors": actors };
}
