/**
 * Batch 3: one Customer per person, and every Lead and Job linked to theirs, inside the database.
 * An item is a lead or a job; a page is a range of groups (the leads that share a psid, else a phone, else an e-mail), or of
 * jobs. Safe to repeat: only what has no customer is linked, and a customer's id follows from its group's key.
 */
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
import { type Context, type Demand, defineBatch, type Ended, type Span } from "../lib/task.ts";
import { applyRange, planRange } from "./backfill-customers/page.ts";

const PAGE_ITEMS = { first: 1_000, least: 50, most: 50_000 };
/** Before the first run there is no index yet: each page of a dry run reads all leads. */
const DRY_PAGE_ITEMS = { first: 100_000, least: 100_000, most: 100_000 };

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
  plan: planRange,
  apply: applyRange,
});

async function* groupsOrJobs({ db }: Context, span: Span, demand: Demand): AsyncGenerator<IdRange, Ended> {
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

export default batch;
await main(import.meta, batch);
