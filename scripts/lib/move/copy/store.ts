/** Stores a page of rows in the target, or counts what that would do. */
import type { Queryable } from "../../db/database.ts";
import { isRowsFault } from "../../db/pg-errors.ts";
import { withSavepoint } from "../../db/transaction.ts";
import type { PageContext, PageResult } from "../../task.ts";
import type { Key } from "../catalog-types.ts";
import { FIND_OPERATORS } from "../operators.ts";
import { keysCondition, rangeCondition } from "../range-sql.ts";
import { withoutTriggers } from "../triggers.ts";
import { nameOfPage, noteCopied } from "./effects.ts";
import { insertPage, makePage } from "./insert.ts";
import { holdsRows, leftOut } from "./known.ts";
import { isRange, type RowsPage } from "./place.ts";
import { noteOrphans, settleNote, takeOrphans } from "./put-off.ts";
import { type Move, type Moved, movedNamed } from "./tables.ts";
import { countedFor } from "./tally.ts";

const PAGE = "pg_temp.move_page";
/** What the source wrote is to mean the same here, and what a constraint refuses is to be refused at once. */
export const CANONICAL = `set local intervalstyle = 'postgres'; set local xmloption = 'content'; set local lc_monetary = 'C';
  set constraints all immediate; ${FIND_OPERATORS}`;
/** Keys that one statement names. */
const KEYS_AT_A_TIME = 5_000;

/** Types whose order no collation changes. */
const ORDERED_ALIKE = /^(smallint|integer|bigint|numeric|uuid|bytea|date|timestamp)\b[^[]*$/;

/** Stores the page; rows that are there already, by their key, stay as they are. */
export async function storeRows(tx: Queryable, move: Move, page: RowsPage, context: PageContext): Promise<PageResult> {
  const moved = movedNamed(move, page.table);
  await tx.query(CANONICAL);
  const except = await leftOut(tx, move.script, page, context);
  if (moved.key.length === 0) {
    if (except.length > 0) return countedFor(moved, { fetched: 1, quarantined: 1 });
    await tx.query("set local statement_timeout = 0"); // it is one page, however large it is
  }
  return withTriggersAtRest(tx, [moved], async () => {
    const straight = except.length === 0 && (await storeStraight(tx, move, moved, page, context));
    return straight || storeByTable(tx, move, { moved, page, context, except });
  });
}

/** A trigger of the target that changes rows, or writes others, would make the copy something else. */
export function withTriggersAtRest<T>(tx: Queryable, tables: readonly Moved[], work: () => Promise<T>): Promise<T> {
  const [moved, ...others] = tables.filter(({ triggered }) => triggered);
  if (moved === undefined) return work();
  return withoutTriggers(tx, moved.target, () => withTriggersAtRest(tx, others, work));
}

/** Rows that meet none of the target's go into it without a detour; where one of them is refused, undefined. */
async function storeStraight(
  tx: Queryable,
  { source }: Move,
  moved: Moved,
  page: RowsPage,
  { runId }: PageContext,
): Promise<PageResult | undefined> {
  const { rows: range } = page;
  // An insert, unlike COPY, would have to be told to override: a source other than a direct one inserts.
  if (!isRange(range) || (moved.overriding && source.kind !== "direct")) return undefined;
  // Texts may lie in another order here: only a constraint then keeps out what the range's condition does not find.
  if (!moved.keyIsUnique && !moved.key.every((name) => ordersAlike(moved, name))) return undefined;
  if (await holdsRows(tx, moved, rangeCondition(moved.key, range))) return undefined;
  return withSavepoint(tx, isRowsFault, async () => {
    const rows = await source.load(tx, moved.table, range, moved.target, moved.form);
    await noteCopied(tx, { runId, target: moved.target, name: nameOfPage(page), rows });
    return countedFor(moved, { fetched: rows, created: rows });
  });
}

const ordersAlike = ({ table }: Moved, key: string): boolean =>
  table.columns.some(({ name, type }) => name === key && ORDERED_ALIKE.test(type));

interface Detour {
  readonly moved: Moved;
  readonly page: RowsPage;
  readonly context: PageContext;
  readonly except: readonly Key[];
}

async function storeByTable(tx: Queryable, { source }: Move, detour: Detour): Promise<PageResult> {
  const {
    moved,
    page,
    except,
    context: { runId },
  } = detour;
  const { table, key, target } = moved;
  await makePage(tx, moved, PAGE);
  const { rows } = page;
  const loaded = isRange(rows)
    ? await source.load(tx, table, rows, PAGE, moved.form)
    : await source.loadKeys(tx, table, rows, PAGE);
  const quarantined = await takeKeys(tx, key, except);
  // Those that were refused before are refused again rather than put off: nothing would come behind them.
  const orphans = page.wasRefused ? [] : await takeOrphans(tx, moved, new Map([[table.name, PAGE]]));
  const created = await insertPage(tx, moved, PAGE);
  const name = nameOfPage(page);
  await noteCopied(tx, { runId, target, name, rows: created });
  if (page.putOff === undefined) await noteOrphans(tx, { runId, target, name, keys: orphans });
  else await settleNote(tx, page.putOff, without(rows as readonly Key[], orphans));
  const fetched = loaded - orphans.length; // those that are put off count when they are stored
  return countedFor(moved, { fetched, created, unchanged: fetched - quarantined - created, quarantined });
}

/** Takes rows out of the page; returns how many. */
async function takeKeys(tx: Queryable, key: readonly string[], keys: readonly Key[]): Promise<number> {
  let taken = 0;
  for (let first = 0; first < keys.length; first += KEYS_AT_A_TIME) {
    const some = keysCondition(key, keys.slice(first, first + KEYS_AT_A_TIME));
    taken += (await tx.query(`delete from ${PAGE} where ${some}`)).rowCount ?? 0;
  }
  return taken;
}

const without = (keys: readonly Key[], others: readonly Key[]): Key[] => {
  const left = new Set(others.map((key) => JSON.stringify(key)));
  return keys.filter((key) => !left.has(JSON.stringify(key)));
};
