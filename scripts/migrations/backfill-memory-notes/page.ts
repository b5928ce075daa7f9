/** The two statements of batch 5: what a range of leads' states would become, and what it becomes. */
import type { Queryable } from "../../lib/db/database.ts";
import {
  HAS_STATE,
  IN_RANGE,
  ITEM_KEY,
  LEAD_IN_RANGE,
  OBJECT,
  PLACE,
  rangeValues,
  type StateRange,
} from "../../lib/sources/lead-states.ts";
import { readSql } from "../../lib/sql-file.ts";
import type { PageContext, PageResult } from "../../lib/task.ts";

/** A part of a statement, without the remarks that it begins with. */
const part = (name: string, parts: Readonly<Record<string, string>> = {}): string =>
  readSql(new URL(`${name}.sql`, import.meta.url), parts).replace(/^(--.*\n)+/, "");

/** From `item` (n, key, value) to `told` (n, content, hidden): verify.sql holds the same text. */
export const TOLD = part("told", {
  words: part("words"),
  secret_name: part("secret-name"),
  secret_text: part("secret-text"),
});

/** The notes of a page: by the index of this batch, or, in a dry run before there is one, by reading them all. */
const NOTED = "md5((n.metadata ->> 'leadId') || '/' || (n.metadata ->> 'key'))";
const BY_INDEX = `${NOTED} = any (array(select place collate "default" from item))`; // the collation of the index
const BY_READING = `${NOTED} in (select place from item)`;
const partsBy = (ofPage: string) => ({
  counts: part("counts"),
  page: part("page", {
    told: TOLD,
    of_page: ofPage,
    place: PLACE,
    object: OBJECT,
    has_state: HAS_STATE,
    lead_in_range: LEAD_IN_RANGE,
    in_range: IN_RANGE,
    item_key: ITEM_KEY,
  }),
});
const PLAN = part("plan", partsBy(BY_INDEX));
const PLAN_WITHOUT_INDEX = part("plan", partsBy(BY_READING));
const APPLY = part("apply", partsBy(BY_INDEX));

/** What both statements answer with; `made` and `changed` only the one that stores. */
interface Row extends Record<string, unknown> {
  fetched: number;
  created: number;
  updated: number;
  unchanged: number;
  no_customer: number;
  not_an_object: number;
  empty: number;
  secret: number;
  edited: number;
  quarantined: number;
  leads: number;
  made?: number;
  changed?: number;
  lines: [leadId: string, key: string | null, outcome: string][] | null;
}

/** Counts a range. */
export async function planRange(tx: Queryable, range: StateRange, context: PageContext): Promise<PageResult> {
  const indexed = await guidePlanner(tx);
  return ask(tx, indexed ? PLAN : PLAN_WITHOUT_INDEX, range, context, []);
}

/** Stores a range. */
export async function applyRange(tx: Queryable, range: StateRange, context: PageContext): Promise<PageResult> {
  await guidePlanner(tx);
  return ask(tx, APPLY, range, context, [context.runId]);
}

/**
 * How many items a page holds the planner can't see. With the batch's index notes and customers are looked up one by one,
 * without it tables are joined by hashing.
 */
async function guidePlanner(tx: Queryable): Promise<boolean> {
  const { rows } = await tx.query<{ indexed: boolean }>(
    `select indexed, set_config(case when indexed then 'enable_seqscan' else 'enable_nestloop' end, 'off', true)
       from (select to_regclass('"MemoryNote_lead_state_key"') is not null as indexed) here`,
  );
  return rows[0]?.indexed === true;
}

/** Runs one of the statements over a range; `last` are the parameters that only the real run has. */
async function ask(
  tx: Queryable,
  sql: string,
  range: StateRange,
  { except, retrying, options }: PageContext,
  last: readonly unknown[],
): Promise<PageResult> {
  // A range may have got more since it was cut down to one item.
  const meant = range.size === 1 ? [range.key] : null;
  const { rows } = await tx.query<Row>(sql, [...rangeValues(range), meant, except, retrying, options.verbose, ...last]);
  if (rows[0] === undefined) throw new Error("A page's statement returned no row.");
  return resultOf(rows[0], retrying ? range.leads : rows[0].leads);
}

/** What somebody else wrote or changed since the page was read is theirs: not made, and not changed. */
const resultOf = (row: Row, leads: number): PageResult => {
  const { made = row.created, changed = row.updated } = row;
  return {
    fetched: row.fetched,
    created: made,
    updated: changed,
    unchanged: row.unchanged,
    quarantined: row.quarantined,
    skipped: {
      noCustomer: row.no_customer,
      notAnObject: row.not_an_object,
      empty: row.empty,
      secret: row.secret,
      edited: row.edited + (row.created - made) + (row.updated - changed),
    },
    counters: { leads },
    lines: (row.lines ?? []).map(
      ([id, key, outcome]) => `${id} ${key === null ? "" : `${JSON.stringify(key)} `}${outcome}`,
    ),
  };
};
