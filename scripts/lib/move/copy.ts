/**
 * The copy of a whole database: pages along the primary keys, each stored with its cursor in one transaction, level by level of the
 * foreign keys. Rows that are there already stay as they are.
 */
import type { Database, Queryable } from "../db/database.ts";
import type { Cursor, Demand, PageItems, PageResult, Span, Total } from "../page.ts";
import type { Ended, PageContext } from "../task.ts";
import { againPages } from "./copy/again.ts";
import { divideLater, laterPages, makeLater } from "./copy/finish.ts";
import { storeKnot } from "./copy/knot.ts";
import { foreseeRows } from "./copy/known.ts";
import { halve, keyPages, rowPages } from "./copy/pages.ts";
import { parentlessPages } from "./copy/parents.ts";
import { beginOf, type CopyPage, place, stagesOf } from "./copy/place.ts";
import { settleNote } from "./copy/put-off.ts";
import { advanceSequences } from "./copy/sequences.ts";
import { storeRows } from "./copy/store.ts";
import { countRows, divideRows } from "./copy/stretches.ts";
import type { Move } from "./copy/tables.ts";

export { type CopyPage, fromItemKey, itemKey } from "./copy/place.ts";
export { type Move, type Moved, type Plan, planMove } from "./copy/tables.ts";
export { type Tally, tallyOf } from "./copy/tally.ts";

/** How large pages are: they grow to some half a second each. */
export const COPY_PAGE_ITEMS: PageItems = { first: 10_000, least: 1, most: 100_000 };

/** A copy as the engine drives it: what `Pages` of a batch asks for, of a move that is known only once the run has begun. */
export interface Copy {
  stages(): readonly Span[];
  count(spans: readonly Span[]): Promise<Total>;
  pages(db: Database, span: Span, demand: Demand): AsyncGenerator<CopyPage, Ended>;
  divide(db: Queryable, span: Span, parts: number, items: number): Promise<readonly Cursor[]>;
  pagesOf(keys: readonly string[], items: number): AsyncGenerator<CopyPage, Ended>;
  split(page: CopyPage): Promise<readonly CopyPage[]>;
  plan(tx: Queryable, page: CopyPage, context: PageContext): Promise<PageResult>;
  apply(tx: Queryable, page: CopyPage, context: PageContext): Promise<PageResult>;
}

export const copyOf = (move: Move): Copy => ({
  stages: () => stagesOf(move),
  count: (spans) => countRows(move, spans),
  pages: (db, span, demand) => pagesOfPhase(move, db, span, demand),
  divide: async (db, span, parts, items) => [
    ...(await divideRows(move, span, parts, items)),
    ...(await divideLater(move, db, span)),
  ],
  pagesOf: (keys, items) => keyPages(move, keys, items),
  split: (page) => halve(move, page),
  plan: async (tx, page, context) => (page.kind === "rows" ? foreseeRows(tx, move, page, context) : { fetched: 0 }),
  apply: (tx, page, context) => applyPage(tx, move, page, context),
});

function pagesOfPhase(move: Move, db: Database, span: Span, demand: Demand): AsyncGenerator<CopyPage, Ended> {
  const { phase } = beginOf(span);
  if (phase === "rows") return rowPages(move, span, demand);
  if (phase === "again") return againPages(move, db, span);
  return phase === "end" ? endPages(move, db) : laterPages(move, db, span);
}

async function* endPages(move: Move, db: Database): AsyncGenerator<CopyPage, Ended> {
  const cursor = place("end", move.levels.length, null);
  yield* parentlessPages(move, db, cursor);
  yield { kind: "end", cursor, size: 1 };
  return "end";
}

async function applyPage(tx: Queryable, move: Move, page: CopyPage, context: PageContext): Promise<PageResult> {
  if (page.kind === "rows") return storeRows(tx, move, page, context);
  if (page.kind === "end") return { fetched: 0, counters: { sequencesMoved: await advanceSequences(tx, move) } };
  if (page.kind === "knot") return storeKnot(tx, move, page, context);
  if (page.kind === "later") return makeLater(tx, move, page);
  await settleNote(
    tx,
    page.putOff,
    page.refused.map(({ key }) => JSON.parse(key).slice(1)),
  );
  return { fetched: 0 };
}
