/** What the target knows of a page's rows before it is stored; a dry run asks for no more. */
import type { Queryable } from "../../db/database.ts";
import { isShortened } from "../../item-key.ts";
import type { PageContext, PageResult } from "../../task.ts";
import type { Key } from "../catalog-types.ts";
import { FIND_OPERATORS } from "../operators.ts";
import { keysCondition, rangeCondition } from "../range-sql.ts";
import { fromItemKey, isRange, type RowsPage } from "./place.ts";
import { type Move, type Moved, movedNamed } from "./tables.ts";
import { countedFor } from "./tally.ts";

/** Keys that one statement names. */
const KEYS_AT_A_TIME = 5_000;

/** Counts what storing the page would do. */
export async function foreseeRows(
  tx: Queryable,
  move: Move,
  page: RowsPage,
  context: PageContext,
): Promise<PageResult> {
  const { source, script } = move;
  const moved = movedNamed(move, page.table);
  await tx.query(FIND_OPERATORS);
  if (moved.absent) return foreseeAll(move, moved, page);
  const except = await leftOut(tx, script, page, context);
  const { rows } = page;
  if (moved.key.length === 0) return foreseeTable(tx, move, moved, except.length > 0);
  if (isRange(rows) && except.length === 0 && !(await holdsRows(tx, moved, rangeCondition(moved.key, rows))))
    return countedFor(moved, { fetched: page.size, created: page.size });
  const keys = isRange(rows) ? await source.keys(moved.table, rows) : rows;
  const left = new Set(except.map((key) => JSON.stringify(key)));
  const tried = keys.filter((key) => !left.has(JSON.stringify(key)));
  const unchanged = await countThere(tx, moved, tried);
  const quarantined = keys.length - tried.length;
  return countedFor(moved, { fetched: keys.length, created: tried.length - unchanged, unchanged, quarantined });
}

async function foreseeAll({ source }: Move, moved: Moved, { rows, size }: RowsPage): Promise<PageResult> {
  const fetched = moved.key.length === 0 && isRange(rows) ? await source.count(moved.table, rows) : size;
  return countedFor(moved, { fetched, created: fetched });
}

async function foreseeTable(tx: Queryable, { source }: Move, moved: Moved, refused: boolean): Promise<PageResult> {
  if (refused) return countedFor(moved, { fetched: 1, quarantined: 1 });
  const fetched = await source.count(moved.table, { table: moved.table.name, after: null, until: null });
  const { rows } = await tx.query<{ there: string }>(`select count(*) as there from ${moved.target}`);
  const unchanged = Math.min(fetched, Number(rows[0]?.there));
  return countedFor(moved, { fetched, created: fetched - unchanged, unchanged });
}

/** Whether the target has a row that fulfils the condition. Its order of texts may be another one than the source's. */
export async function holdsRows(tx: Queryable, { target }: Pick<Moved, "target">, condition: string): Promise<boolean> {
  const { rows } = await tx.query<{ there: boolean }>(
    `select exists (select from ${target} where ${condition}) as there`,
  );
  return rows[0]?.there === true;
}

async function countThere(tx: Queryable, { target, key }: Moved, keys: readonly Key[]): Promise<number> {
  let there = 0;
  for (let first = 0; first < keys.length; first += KEYS_AT_A_TIME) {
    const some = keysCondition(key, keys.slice(first, first + KEYS_AT_A_TIME));
    const { rows } = await tx.query<{ count: string }>(`select count(*) from ${target} where ${some}`);
    there += Number(rows[0]?.count);
  }
  return there;
}

/** The keys that are not to be tried: those of the table that are in quarantine, and those that the page has just put there. */
export async function leftOut(
  tx: Queryable,
  script: string,
  { table, wasRefused }: RowsPage,
  { except, retrying }: PageContext,
): Promise<Key[]> {
  const keys = except.map(fromItemKey).flatMap((item) => (item.table === table ? [item.key] : []));
  if (retrying || wasRefused) return keys;
  return [...keys, ...(await refusedKeys(tx, script, table)).map((key) => fromItemKey(key).key)];
}

/** The items of a table that are in quarantine, or those that went there for one reason; without those whose key was too long to keep. */
export async function refusedKeys(db: Queryable, script: string, table: string, code?: string): Promise<string[]> {
  const [prefix] = JSON.stringify([table]).split(/\]$/);
  const { rows } = await db.query<{ key: string }>(
    `select item_key as key
       from migration_errors
      where script = $1 and resolved_at is null and starts_with(item_key, $2) and code = coalesce($3, code)
   order by id`,
    [script, prefix, code ?? null],
  );
  return rows.map(({ key }) => key).filter((key) => !isShortened(key) && fromItemKey(key).table === table);
}
