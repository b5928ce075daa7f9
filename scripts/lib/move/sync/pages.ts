/** Finds what the two sides don't have in common, table by table, and cuts it into pages. */
import type { Demand, Span } from "../../page.ts";
import type { Ended } from "../../task.ts";
import type { Column, Key, Since } from "../catalog-types.ts";
import { keyPages } from "../copy/pages.ts";
import { beginOf, itemKey } from "../copy/place.ts";
import type { Moved } from "../copy/tables.ts";
import { differencesOf } from "../verify/compare.ts";
import type { Difference } from "../verify/merge.ts";
import { type Compare, type Pair, withSides } from "../verify/sides.ts";
import { type Phase, pageOf, type Sync, type SyncPage } from "./place.ts";
import { streamOf } from "./stream.ts";

const UPDATED = "updated_at";
const CREATED = "created_at";

/** What is new or changed at the source, of the tables of a level from the span's own on. */
export async function* changedPages(
  sync: Sync,
  span: Span,
  { demand, dry }: { readonly demand: Demand; readonly dry: boolean },
): AsyncGenerator<SyncPage, Ended> {
  const { level, table: first, phase } = beginOf(span) as { level: number; table: string | null; phase: Phase };
  const links = phase === "links";
  const tables = (sync.move.levels[level] ?? []).filter(({ loops }) => !links || loops.length > 0);
  for (const moved of from(tables, first)) {
    const table = moved.table.name;
    const passes = passesOf(sync, moved, links);
    // What a pass of a dry run found is not stored, so that the next one finds it again.
    const seen = dry && passes.length > 1 ? new Set<string>() : undefined;
    for (const compare of passes)
      for await (const keys of keysOf(sync, moved, { compare, demand, wanted: ["missing", "changed"], seen })) {
        if (demand.left <= 0) return "limit";
        if (moved.key.length === 0) {
          // Rows without a key are one page: those that are there already are found by all that they hold.
          yield* keyPages(sync.move, [itemKey(table, [])], 1);
          break;
        }
        yield pageOf(links ? "links" : "rows", { level, table }, keys);
        demand.left -= keys.length;
      }
  }
  return "end";
}

/** How a table is compared. Of one with loops, what is missing goes first: what has changed may refer to it. */
function passesOf(sync: Sync, moved: Moved, links: boolean): Compare[] {
  const since = sinceOf(sync, moved);
  const whole: Compare = since === undefined ? {} : { since };
  if (moved.loops.length > 0) return [links ? whole : { keyOnly: true }];
  // A row may be new and say that it is old: keys tell, whatever the times say.
  return since === undefined ? [whole] : [whole, { keyOnly: true }];
}

/** What is in the target and not at the source. */
export async function* gonePages(sync: Sync, span: Span, demand: Demand): AsyncGenerator<SyncPage, Ended> {
  const { level, table } = beginOf(span);
  for (const moved of from([...(sync.move.levels[level] ?? [])].reverse(), table))
    for await (const keys of keysOf(sync, moved, { compare: { keyOnly: true }, demand, wanted: ["extra"] })) {
      if (demand.left <= 0) return "limit";
      yield pageOf("gone", { level, table: moved.table.name }, keys);
      demand.left -= keys.length;
    }
  return "end";
}

/** The tables of a level, beginning with the one where an interrupted run stood: what it has done is equal by now. */
function from(level: readonly Moved[], name: string | null): readonly Moved[] {
  const first = level.findIndex(({ table }) => table.name === name);
  return level.slice(Math.max(0, first));
}

interface Wanted {
  readonly compare: Compare;
  readonly demand: Demand;
  readonly wanted: readonly Difference["kind"][];
  /** Keys that are not to be found twice. */
  readonly seen?: Set<string> | undefined;
}

/** The keys of rows that differ, as many at a time as a page holds. */
async function* keysOf(
  sync: Sync,
  moved: Moved,
  { compare, demand, wanted, seen }: Wanted,
): AsyncGenerator<Key[], void> {
  let keys: Key[] = [];
  const differences = streamOf<Difference>((give) =>
    withSides(sync.parties, pairOf(sync, moved), compare, async ({ source, target, shape }) => {
      for await (const difference of differencesOf(source, target, shape)) await give(difference);
    }),
  );
  for await (const { kind, key } of differences) {
    if (!wanted.includes(kind) || seen?.has(JSON.stringify(key))) continue;
    seen?.add(JSON.stringify(key));
    keys.push(key as Key); // a column of a primary key is never null; of other rows only their number counts
    if (keys.length < Math.max(1, Math.min(demand.items, demand.left))) continue;
    yield keys;
    keys = [];
  }
  if (keys.length > 0) yield keys;
}

function pairOf({ catalog }: Sync, { table }: Moved): Pair {
  const target = catalog.tables.find(({ name }) => name === table.name);
  if (target === undefined) throw new Error(`Table ${table.name} was planned and is not there.`);
  return { source: table, target };
}

/** The times by which a table's rows say that they changed; undefined where they don't: then all of them are compared. */
export function sinceOf(
  { since }: Pick<Sync, "since">,
  { table, key }: Pick<Moved, "table" | "key">,
): Since | undefined {
  const isTime = ({ type }: Column) => /^(timestamp|date)\b/.test(type);
  const times = table.columns.filter(isTime).map(({ name }) => name);
  if (since === undefined || key.length === 0 || !times.includes(UPDATED)) return undefined;
  return { columns: [UPDATED, CREATED].filter((name) => times.includes(name)), from: since };
}
