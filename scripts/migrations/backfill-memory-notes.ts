/**
 * Batch 5: memory notes out of `Lead.state_metadata`, inside the database: no state travels to Node.
 * An item is one top-level key of a lead's state; a page is a range of leads. Safe to repeat: lead and key make at most one
 * note (a unique index sees to it), its id follows from them, and a note that a person has edited is left alone.
 */
import { uuid } from "../lib/cli/values.ts";
import { UserError } from "../lib/errors.ts";
import { main } from "../lib/main.ts";
import { refuseSharedNotes } from "../lib/shared-keys.ts";
import { countStates, divideStates } from "../lib/sources/lead-state-totals.ts";
import {
  boundsOf,
  cutLeads,
  endOf,
  halveStates,
  rangesOfStates,
  type StateRange,
  startOf,
} from "../lib/sources/lead-states.ts";
import { type Context, type Demand, defineBatch, type Ended, type Span } from "../lib/task.ts";
import { applyRange, planRange } from "./backfill-memory-notes/page.ts";

const PAGE_ITEMS = { first: 1_000, least: 50, most: 50_000 };
/** Before the first run there is no index yet: each page of a dry run reads all notes. */
const DRY_PAGE_ITEMS = { first: 20_000, least: 20_000, most: 50_000 };
/** So many keys a lead is taken to have before the first ones are read. */
const ITEMS_OF_LEAD = 5;

interface Own {
  readonly lead?: string;
}

const batch = defineBatch({
  number: 5,
  name: "backfill-memory-notes",
  title: "Make memory notes out of what leads remember",
  unit: "state keys",
  requires: [1],
  advises: [3],
  options: { lead: { ...uuid("--lead"), describe: "only this lead" } },
  check: async (context) => {
    await refuseUnknownLead(context);
    await refuseSharedNotes(context.db);
  },
  selection: ({ lead }: Own): Record<string, string> => (lead === undefined ? {} : { lead }),
  steps: ["Counting what leads remember", "Writing memory notes", "Recording audit log"],
  skips: ["noCustomer", "notAnObject", "empty", "secret", "edited"],
  labels: {
    notesCreated: "Notes created",
    notesUpdated: "Notes updated",
    notesUnchanged: "Notes unchanged",
    notesSkipped: "Notes skipped",
    leadsProcessed: "Leads processed",
  },
  stats: ({ created, updated, unchanged, skipped, counters }) => ({
    notesCreated: created,
    notesUpdated: updated,
    notesUnchanged: unchanged,
    notesSkipped: Object.values(skipped).reduce((sum, count) => sum + count, 0),
    leadsProcessed: counters.leads ?? 0,
  }),
  stages: ({ options: { lead } }) => [{ after: startOf(lead), until: endOf(lead) }],
  count: ({ db }, spans) => countStates(db, spans),
  pageItems: ({ options }) => (options.dryRun ? DRY_PAGE_ITEMS : PAGE_ITEMS),
  pages: wholeLeads,
  divide: ({ db }, span, parts, items) => divideStates(db, span, parts, items),
  pagesOf: oneEach,
  split: ({ db }, range) => halveStates(db, range),
  plan: (tx, range, context) => planRange(tx, range, context),
  apply: (tx, range, context) => applyRange(tx, range, context),
  hint: async () => "No lead has a state_metadata with keys.",
});

async function refuseUnknownLead({ db, options }: Context<Own>): Promise<void> {
  if (options.lead === undefined) return;
  if (options.retryErrors) throw new UserError("--retry-errors runs every quarantined item: leave --lead out.");
  const { rows } = await db.query('select 1 from "Lead" where id = $1', [options.lead]);
  if (rows.length === 0) throw new UserError(`--lead takes the id of a Lead; there is none with ${options.lead}.`);
}

async function* wholeLeads({ db }: Context<Own>, span: Span, demand: Demand): AsyncGenerator<StateRange, Ended> {
  const bounds = boundsOf(span);
  let itemsOfLead = ITEMS_OF_LEAD;
  for (let { after } = bounds; ; ) {
    const most = Math.ceil(demand.items / itemsOfLead);
    const leads = Math.max(1, Math.min(demand.left, most));
    const range = await cutLeads(db, { ...bounds, after }, { items: demand.items, leads });
    if (range === undefined) return "end";
    if (demand.left <= 0) return "limit";
    yield range;
    demand.left -= range.leads;
    after = range.until;
    itemsOfLead = Math.max(1, range.size / Math.max(1, range.leads));
  }
}

async function* oneEach({ db }: Context<Own>, keys: readonly string[]): AsyncGenerator<StateRange, Ended> {
  yield* rangesOfStates(db, keys);
  return "end";
}

export default batch;
await main(import.meta, batch);
