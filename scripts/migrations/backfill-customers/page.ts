/** The four statements of batch 3: what a range of groups, or of jobs, would become, and what it becomes. */
import type { Queryable } from "../../lib/db/database.ts";
import { type IdRange, JOB_PASS, stretchOf } from "../../lib/sources/lead-groups.ts";
import { readSql } from "../../lib/sql-file.ts";
import type { PageContext, PageResult, Span } from "../../lib/task.ts";

const file = (part: string) => new URL(`${part}.sql`, import.meta.url);
const quarantined = readSql(file("quarantined"));
const ahead = (stretches: string, pass: string, id: string) => readSql(file("ahead"), { stretches, pass, id });
const GROUPS_AHEAD = "$8::int[], $9::uuid[], $10::uuid[]";
const groups = readSql(file("groups"), {
  quarantined,
  seen: readSql(file("seen")),
  foreseen: readSql(file("foreseen"), {
    quarantined,
    ahead: ahead(GROUPS_AHEAD, "earlier_pass", "earlier_id"),
    psid_ahead: ahead(GROUPS_AHEAD, "1", "earlier_id"),
  }),
});
const jobs = readSql(file("jobs"), {
  quarantined,
  ahead: ahead("$6::int[], $7::uuid[], $8::uuid[]", "own.pass", "own.group_id"),
});
const PLAN = readSql(file("plan"), { groups });
const APPLY = readSql(file("apply"), { groups });
const PLAN_JOBS = readSql(file("plan-jobs"), { jobs });
const APPLY_JOBS = readSql(file("apply-jobs"), { jobs });

/** What the four statements answer with; of a page of jobs there are no customers. */
interface Row extends Record<string, unknown> {
  fetched: number;
  updated: number;
  unchanged: number;
  quarantined: number;
  no_customer?: number;
  customers_created?: number;
  customers_reused?: number;
  planned?: number;
  lines: [id: string, outcome: string, count: number][] | null;
}

/** Counts a range. */
export const planRange = (tx: Queryable, range: IdRange, context: PageContext): Promise<PageResult> =>
  ask(tx, range, context, { leads: PLAN, jobs: PLAN_JOBS }, []);

/** Stores a range. */
export const applyRange = (tx: Queryable, range: IdRange, context: PageContext): Promise<PageResult> =>
  ask(tx, range, context, { leads: APPLY, jobs: APPLY_JOBS }, [context.runId]);

/** Runs the statement that fits the range; `last` are the parameters that only the real run has. */
async function ask(
  tx: Queryable,
  { pass, after, until }: IdRange,
  { ahead, except, retrying, options, firstRunId }: PageContext,
  sql: { leads: string; jobs: string },
  last: readonly unknown[],
): Promise<PageResult> {
  await guidePlanner(tx);
  const isJobs = pass === JOB_PASS;
  const common = [options.dryRun, ...endsOf(ahead), options.verbose, ...last];
  const { rows } = isJobs
    ? await tx.query<Row>(sql.jobs, [after, until, except, retrying, ...common])
    : await tx.query<Row>(sql.leads, [pass, after, until, firstRunId, except, retrying, ...common]);
  if (rows[0] === undefined) throw new Error("A page's statement returned no row.");
  return resultOf(rows[0], isJobs ? "jobs" : "leads");
}

/** Spans as three parameters: their passes, and the ids at their ends. */
function endsOf(spans: readonly Span[]): unknown[] {
  const stretches = spans.map(stretchOf);
  return [stretches.map(({ pass }) => pass), stretches.map(({ after }) => after), stretches.map(({ until }) => until)];
}

/**
 * How many groups a page holds the planner can't see. With the batch's indexes each is looked up in them; in a dry run before
 * there are any, whole tables are joined by hashing, and never row by row.
 */
const guidePlanner = (tx: Queryable): Promise<unknown> =>
  tx.query(
    `select set_config(case when to_regclass('"Lead_group_idx"') is null then 'enable_nestloop' else 'enable_seqscan' end, 'off', true)`,
  );

/** What a live session linked since the page was read counts as linked already. */
function resultOf(row: Row, kind: "leads" | "jobs"): PageResult {
  const unchanged = row.unchanged + (row.planned ?? row.updated) - row.updated;
  return {
    fetched: row.fetched,
    updated: row.updated,
    unchanged,
    quarantined: row.quarantined,
    skipped: { noCustomer: row.no_customer ?? 0 },
    counters: {
      customersCreated: row.customers_created ?? 0,
      customersReused: row.customers_reused ?? 0,
      [`${kind}Linked`]: row.updated,
      [`${kind}AlreadyLinked`]: unchanged,
    },
    lines: (row.lines ?? []).map(([id, outcome, count]) => `${id} ${outcome}${count > 1 ? ` (${count} leads)` : ""}`),
  };
}
