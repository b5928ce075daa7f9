/** How a copy's rows are shared out: which tables a span covers, how many rows these hold, and where it can be cut. */
import type { Span, Total } from "../../task.ts";
import type { KeyRange } from "../catalog-types.ts";
import { beginOf, behindIn, keyOfPlace, type Place, place } from "./place.ts";
import { type Move, type Moved, movedNamed } from "./tables.ts";

/** More would keep a page's transaction open for long, and let the body of a PostgREST answer grow. */
const PAGE_BYTES = 32 * 1024 * 1024;
/** Tables that are estimated to be larger are not counted: that would read all of their keys. */
const COUNTED_ROWS = 5_000_000;
/** A part that is cut off a table too large to count begins so many pages ahead. */
const PAGES_AHEAD = 50;

/** A table's rows as far as a span covers them. */
interface Stretch {
  readonly moved: Moved;
  readonly range: KeyRange;
}

/** Places that cut a span into stretches for several workers: whole tables first, then ranges of the last one. */
export async function divideRows(move: Move, span: Span, parts: number, items: number): Promise<Place[]> {
  const { phase, level, behind } = beginOf(span);
  const [current, ...ahead] = phase === "rows" && behind === undefined ? stretchesOf(move, span) : [];
  if (current === undefined) return [];
  if (ahead.length > 0) {
    const each = Math.ceil(ahead.length / (parts - 1));
    return ahead.filter((_, index) => index % each === 0).map(({ moved }) => place("rows", level, moved.table.name));
  }
  const { moved, range } = current;
  const size = pageItems(moved, items);
  const many = moved.table.estimatedRows > COUNTED_ROWS;
  const rows = many ? Number.POSITIVE_INFINITY : await move.source.count(moved.table, range);
  // Pages of a table whose triggers rest wait for each other; and what was cut short is one worker's.
  if (moved.key.length === 0 || moved.triggered || rows < parts * size) return [];
  const places: Place[] = [];
  for (let rest = range; places.length < parts - 1; ) {
    const stretch = Math.min(Math.ceil(rows / parts), PAGES_AHEAD * size);
    const cut = await move.source.cut(moved.table, rest, stretch);
    if (cut === undefined || cut.rows < stretch) break;
    places.push(place("rows", level, moved.table.name, cut.until));
    rest = { ...rest, after: cut.until };
  }
  return places;
}

/** How many rows lie in these spans. */
export async function countRows(move: Move, spans: readonly Span[]): Promise<Total> {
  let items = 0;
  let exact = true;
  for (const { moved, range } of spans.flatMap((span) => stretchesOf(move, span))) {
    const estimated = moved.table.estimatedRows > COUNTED_ROWS;
    exact &&= !estimated;
    items += estimated ? moved.table.estimatedRows : await move.source.count(moved.table, range);
  }
  return { items, exact };
}

/** What a span of rows covers, table by table: first what was cut short before. */
export function stretchesOf(move: Move, span: Span): Stretch[] {
  const { phase, level, table, key } = beginOf(span);
  if (phase !== "rows") return [];
  const tables = move.levels[level] ?? [];
  const until = span.until as Place | null;
  const first = table === null ? tables.length : tables.indexOf(movedNamed(move, table));
  const last = until?.table ? tables.indexOf(movedNamed(move, until.table)) : tables.length;
  const short = behindIn(beginOf(span)).map(([name, after]) => ({
    moved: movedNamed(move, name),
    range: { table: name, after, until: null },
  }));
  const others = tables.slice(first, last + 1).flatMap((moved, index) => {
    const end = first + index === last ? keyOfPlace(until) : null;
    if (first + index === last && end === null) return [];
    return [{ moved, range: { table: moved.table.name, after: index === 0 ? keyOfPlace({ key }) : null, until: end } }];
  });
  return [...short, ...others];
}

/** How many rows a page of this table may hold at most, where it is asked for so many. */
export function pageItems({ table }: Moved, items: number): number {
  const rowBytes = table.bytes / Math.max(1, table.estimatedRows);
  return Math.max(1, Math.min(items, Math.floor(PAGE_BYTES / Math.max(1, rowBytes))));
}
