/** Cuts a copy into pages, along the primary keys. */
import type { Cursor, Demand, Ended, Span } from "../../task.ts";
import type { Key, KeyRange } from "../catalog-types.ts";
import type { Cut } from "../source.ts";
import {
  again,
  beginOf,
  type CopyPage,
  fromItemKey,
  isRange,
  itemKey,
  leaveBehind,
  type Place,
  place,
  placeAfter,
  type RowsPage,
} from "./place.ts";
import { pageItems, stretchesOf } from "./stretches.ts";
import { type Move, type Moved, movedNamed } from "./tables.ts";

/** The pages of a span of rows. `--limit` counts those of each table, and ends the span behind its last one. */
export async function* rowPages(move: Move, span: Span, demand: Demand): AsyncGenerator<CopyPage, Ended> {
  let at = beginOf(span);
  let ended: Ended = "end";
  for (const { moved, range } of stretchesOf(move, span)) {
    let left = demand.left;
    for (let rest = range; ; ) {
      const items = Math.max(1, Math.min(left, pageItems(moved, demand.items)));
      const cut = await move.source.cut(moved.table, rest, items);
      if (cut === undefined) break;
      if (left <= 0) {
        ended = "limit";
        at = leaveBehind(at, moved.table.name, rest.after ?? []);
        break;
      }
      at = placeAfter(at, moved.table.name, cut.until);
      yield pageOf(moved, at, { ...rest, until: cut.until }, cut);
      left -= cut.rows;
      rest = { ...rest, after: cut.until };
    }
  }
  return ended;
}

/** Pages of the rows with these keys, as the quarantine has them. */
export async function* keyPages(
  move: Move,
  itemKeys: readonly string[],
  items: number,
): AsyncGenerator<CopyPage, Ended> {
  const byTable = new Map<string, Key[]>();
  for (const { table, key } of itemKeys.map(fromItemKey)) byTable.set(table, [...(byTable.get(table) ?? []), key]);
  for (const [table, keys] of byTable) {
    const {
      key,
      table: { name },
    } = movedNamed(move, table);
    if (key.length === 0) yield* wholeTable(move, name);
    for (let first = 0; key.length > 0 && first < keys.length; first += items)
      yield pageOfKeys(name, keys.slice(first, first + items));
  }
  return "end";
}

async function* wholeTable(move: Move, name: string): AsyncGenerator<CopyPage, void> {
  const moved = movedNamed(move, name);
  const range = { table: name, after: null, until: null };
  const cut = await move.source.cut(moved.table, range, 1);
  if (cut !== undefined) yield pageOf(moved, place("rows", 0, name), range, cut);
}

export const pageOfKeys = (table: string, keys: readonly Key[], putOff?: { id: string; cursor: Cursor }): RowsPage => ({
  kind: "rows",
  table,
  rows: keys,
  cursor: putOff?.cursor ?? place("rows", 0, table, keys.at(-1)),
  size: keys.length,
  key: itemKey(table, keys[0] ?? []),
  ...(putOff === undefined ? {} : { putOff: putOff.id }),
});

/** A table without a key is one item: nothing smaller has a name. */
const pageOf = ({ table, key }: Moved, cursor: Place, range: KeyRange, { until, rows }: Cut): RowsPage => ({
  kind: "rows",
  table: table.name,
  rows: range,
  cursor,
  size: key.length === 0 ? 1 : rows,
  key: itemKey(table.name, until),
});

/** Two halves of a page. */
export async function halve(move: Move, page: CopyPage): Promise<CopyPage[]> {
  if (page.kind !== "rows") return [page];
  const { rows, table, size, putOff } = page;
  const half = Math.floor(size / 2);
  if (!isRange(rows)) {
    const note = putOff === undefined ? undefined : { id: putOff, cursor: page.cursor };
    const halves = [rows.slice(0, half), rows.slice(half)].map((keys) => pageOfKeys(table, keys, note));
    return page.wasRefused ? halves.map((one) => again({ ...one, cursor: page.cursor })) : halves;
  }
  const moved = movedNamed(move, table);
  const cut = await move.source.cut(moved.table, rows, half);
  if (cut === undefined) return [];
  const cursor = page.cursor as Place;
  const first = pageOf(moved, placeAfter(cursor, table, cut.until), { ...rows, until: cut.until }, cut);
  const rest = { ...rows, after: cut.until };
  if (cut.until.join("\0") === rows.until?.join("\0")) return [first];
  return [first, pageOf(moved, cursor, rest, { until: rows.until ?? cut.until, rows: size - cut.rows })];
}
