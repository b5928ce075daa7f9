/**
 * Stores pages of threads: customers, conversations and messages. However many threads a page holds, it takes the same few
 * statements. An item is one message, or a conversation that is in quarantine as a whole.
 */
import type { Queryable } from "../db/database.ts";
import { storableKey } from "../item-key.ts";
import type { Context, PageContext, PageResult } from "../task.ts";
import type { ThreadPage } from "../thread.ts";
import type { SinkOptions } from "./options.ts";
import { askApply, askPlan, type Outcome } from "./page.ts";
import { lookUp, type People, rememberPeople, resolvePeople } from "./people.ts";
import { inPortions } from "./portions.ts";
import { type Counts, resultOf, type Told } from "./result.ts";
import { type CleanPart, cleanPart, peopleIn, type Rows, toRows } from "./rows.ts";
import type { SinkRules } from "./rules.ts";
import { countOnce, type Seen, seeing, seenBy } from "./seen.ts";
import { orWithout, type Probe, splitPage } from "./split.ts";

export type { SinkRules } from "./rules.ts";

/** What a page is stored with. */
type SinkContext = PageContext<SinkOptions>;

export interface ThreadSink {
  /** Counts what `apply` would do. */
  plan(tx: Queryable, page: ThreadPage, context: SinkContext): Promise<PageResult>;
  /** Stores the page; safe to repeat. */
  apply(tx: Queryable, page: ThreadPage, context: SinkContext): Promise<PageResult>;
  /** Halves a page; one whose conversation itself is refused comes back as one item. */
  split(context: Context<SinkOptions>, page: ThreadPage): Promise<readonly ThreadPage[]>;
}

/** The sink of a batch. */
export function threadSink(rules: SinkRules): ThreadSink {
  const planned = new WeakMap<ThreadPage, Map<string, PageResult>>();
  const sink: ThreadSink = {
    /** A page that is counted twice, such as by a probe, is remembered once. */
    plan: async (tx, page, context) => {
      const results = planned.get(page) ?? new Map<string, PageResult>();
      planned.set(page, results);
      const asked = JSON.stringify(context.except);
      const known = results.get(asked);
      if (known !== undefined) return known;
      const result = await seeing(seenBy(context.db), (seen) =>
        inPortions(page, (portion) => planPage(tx, portion, rules, context, seen)),
      );
      results.set(asked, result);
      return result;
    },
    apply: (tx, page, context) =>
      orWithout(tx, page, context, (asked) => inPortions(page, (portion) => applyPage(tx, portion, rules, asked))),
    split: (context, page) => {
      const asked = { ...context, except: [], retrying: true };
      const probe: Probe = (tx, header) =>
        context.runId === null
          ? seeing(seenBy(context.db), (seen) => planPage(tx, header, rules, asked, seen), { trial: true })
          : applyPage(tx, header, rules, asked);
      return splitPage(page, probe, context);
    },
  };
  return sink;
}

/** A page's rows, and who is in them. */
interface Prepared {
  readonly parts: readonly CleanPart[];
  readonly refused: ReadonlySet<string>;
  readonly people: People;
  readonly rows: Rows;
}

async function prepare(
  tx: Queryable,
  page: ThreadPage,
  rules: SinkRules,
  { except, retrying, runId }: SinkContext,
  seen?: Seen,
): Promise<Prepared> {
  const parts = page.parts.map(cleanPart);
  const keys = [...new Set(parts.flatMap(({ thread }) => (thread === undefined ? [] : [storableKey(thread.key)])))];
  const found = await lookUp(tx, rules, { people: peopleIn(parts), keys });
  const refused = new Set([...(retrying ? [] : found.refused), ...except]);
  const stored = parts.filter(({ thread }) => thread !== undefined && !refused.has(storableKey(thread.key)));
  const people = resolvePeople(rules, peopleIn(stored), found.people, seen);
  const rows = await toRows(stored, people, { rules, runId }, (id) => seen?.made.has(id) ?? false);
  return { parts, refused, people, rows };
}

async function planPage(
  tx: Queryable,
  page: ThreadPage,
  rules: SinkRules,
  context: SinkContext,
  seen: Seen,
): Promise<PageResult> {
  const prepared = await prepare(tx, page, rules, context, seen);
  const outcome = await askPlan(tx, prepared.rows, rules, context);
  remember(seen, prepared, outcome);
  const counts: Counts = {
    customersCreated: outcome.customers_created.length,
    customersUpdated: countOnce(seen, "customer updated", outcome.customers_updated),
    conversationsCreated: outcome.conversations_created.length,
    conversationsUpdated: countOnce(seen, "conversation updated", outcome.conversations_updated),
    bookingsLinked: countOnce(seen, "booking linked", outcome.bookings_linked),
  };
  return resultOf(page, toldOf(prepared, outcome), counts, context.options);
}

function remember(seen: Seen, { people, rows }: Prepared, outcome: Outcome): void {
  rememberPeople(people, seen);
  for (const id of outcome.conversations_created) seen.made.add(id);
  const there = new Set([...outcome.existing, ...outcome.quarantined]);
  rows.ids.forEach((id, n) => {
    if (!there.has(n)) seen.made.add(id);
  });
}

async function applyPage(tx: Queryable, page: ThreadPage, rules: SinkRules, context: SinkContext): Promise<PageResult> {
  const prepared = await prepare(tx, page, rules, context);
  const outcome = await askApply(tx, prepared.rows, rules, context);
  const counts: Counts = {
    customersCreated: outcome.customers_created.length,
    customersUpdated: outcome.customers_updated.length,
    conversationsCreated: outcome.conversations_created.length,
    conversationsUpdated: outcome.conversations_updated.length,
    bookingsLinked: outcome.bookings_linked.length,
  };
  return resultOf(page, toldOf(prepared, outcome), counts, context.options);
}

const toldOf = ({ parts, refused, rows }: Prepared, { existing, quarantined }: Outcome): Told => ({
  refused: new Set(
    parts.flatMap(({ part, thread }) => (thread !== undefined && refused.has(storableKey(thread.key)) ? [part] : [])),
  ),
  places: rows.places,
  existing: new Set(existing),
  quarantined: new Set(quarantined),
});
