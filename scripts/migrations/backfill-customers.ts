/**
 * Batch 3: one Customer per person, and every Lead and Job linked to theirs, inside the database.
 * An item is a lead or a job; a page is a range of groups (the leads that share a psid, else a phone, else an e-mail), or of
 * jobs. Safe to repeat: only what has no customer is linked, and a customer's id follows from its group's key.
 */
import type { Queryable } from "../lib/db/database.ts";
import { main } from "../lib/main.ts";
import {
  cutGroups,
  cutJobs,
  halveIds,
  type IdRange,
  JOB_PASS,
  LEAD_PASSES,
  rangesOfKeys,
  spanOfPass,
  stretchOf,
} from "../lib/sources/lead-groups.ts";
import { countLeadsAndJobs, divideIds } from "../lib/sources/lead-totals.ts";
import { readSql } from "../lib/sql-file.ts";
import {
  type Context,
  type Demand,
  defineBatch,
  type Ended,
  type PageContext,
  type PageResult,
  type Span,
} from "../lib/task.ts";

const PAGE_ITEMS = { first: 1_000, least: 50, most: 50_000 };
/** Before the first run there is no index yet: each page of a dry run reads all leads. */
const DRY_PAGE_ITEMS = { first: 100_000, least: 100_000, most: 100_000 };

const file = (part: string) => new URL(`backfill-customers/${part}.sql`, import.meta.url);
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

const batch = defineBatch({
  number: 3,
  name: "backfill-customers",
  title: "Link leads and jobs to customers",
  unit: "leads and jobs",
  requires: [1],
  steps: [
    "Counting leads and jobs",
    "Linking leads by messenger id",
    "Linking leads by phone",
    "Linking leads by e-mail",
    "Linking leads that have none of these",
    "Linking jobs to their leads' customers",
    "Recording audit log",
  ],
  skips: ["noCustomer"],
  labels: {
    customersCreated: "Customers created",
    customersReused: "Customers reused",
    leadsLinked: "Leads linked",
    leadsAlreadyLinked: "Leads already linked",
    jobsLinked: "Jobs linked",
    jobsAlreadyLinked: "Jobs already linked",
  },
  stats: ({ counters }) => ({
    customersCreated: counters.customersCreated ?? 0,
    customersReused: counters.customersReused ?? 0,
    leadsLinked: counters.leadsLinked ?? 0,
    leadsAlreadyLinked: counters.leadsAlreadyLinked ?? 0,
    jobsLinked: counters.jobsLinked ?? 0,
    jobsAlreadyLinked: counters.jobsAlreadyLinked ?? 0,
  }),
  // Each pass ends before the next begins: a group may take a customer that an earlier pass made.
  stages: () => [...LEAD_PASSES, JOB_PASS].map(spanOfPass),
  count: ({ db }, spans) => countLeadsAndJobs(db, spans),
  pageItems: ({ options }) => (options.dryRun ? DRY_PAGE_ITEMS : PAGE_ITEMS),
  pages: groupsOrJobs,
  divide: ({ db }, span, parts, items) => divideIds(db, span, parts, items),
  pagesOf: oneEach,
  split: ({ db }, range) => halveIds(db, range),
  plan: (tx, range, context) => store(tx, range, context, { leads: PLAN, jobs: PLAN_JOBS }, []),
  apply: (tx, range, context) => store(tx, range, context, { leads: APPLY, jobs: APPLY_JOBS }, [context.runId]),
});

export async function* groupsOrJobs({ db }: Context, span: Span, demand: Demand): AsyncGenerator<IdRange, Ended> {
  const stretch = stretchOf(span);
  for (let { after } = stretch; ; ) {
    const rest = { ...stretch, after };
    const range =
      rest.pass === JOB_PASS
        ? await cutJobs(db, rest, demand.items)
        : await cutGroups(db, rest, Math.max(1, Math.min(demand.left, demand.items)));
    if (range === undefined) return "end";
    if (demand.left <= 0) return "limit";
    yield range;
    demand.left -= range.leads;
    after = range.until;
  }
}

async function* oneEach({ db }: Context, keys: readonly string[]): AsyncGenerator<IdRange, Ended> {
  yield* rangesOfKeys(db, keys);
  return "end";
}

/** Runs the statement that fits the range; `last` are the parameters that only the real run has. */
async function store(
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

export default batch;
await main(import.meta, batch);
