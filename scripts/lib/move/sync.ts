/**
 * Brings a target that was copied up to date: what is new or changed at the source is found by the hashes of its rows, and stored;
 * what is gone there is listed, or deleted where that is asked for. Can be run again until the source is given up.
 */
import type { Database, Queryable } from "../db/database.ts";
import type { Demand, PageItems, PageResult, Span } from "../page.ts";
import type { Ended, PageContext } from "../task.ts";
import { keyPages } from "./copy/pages.ts";
import { beginOf } from "./copy/place.ts";
import { copyOf } from "./copy.ts";
import { changedPages, gonePages } from "./sync/pages.ts";
import { halve, type KeysPage, type Phase, pageOf, type Sync, type SyncPage, stagesOf } from "./sync/place.ts";
import { DONE, FORESEEN, handle } from "./sync/store.ts";

export type { Sync, SyncPage } from "./sync/place.ts";

/** Each key is named in a statement. */
export const SYNC_PAGE_ITEMS: PageItems = { first: 1_000, least: 1, most: 5_000 };

/** A sync as the engine drives it; one worker is enough for what differs. */
export interface SyncSteps {
  stages(): readonly Span[];
  pages(db: Database, span: Span, demand: Demand): AsyncGenerator<SyncPage, Ended>;
  pagesOf(keys: readonly string[], items: number): AsyncGenerator<SyncPage, Ended>;
  split(page: SyncPage): Promise<readonly SyncPage[]>;
  plan(tx: Queryable, page: SyncPage, context: PageContext): Promise<PageResult>;
  apply(tx: Queryable, page: SyncPage, context: PageContext): Promise<PageResult>;
}

export function syncOf(sync: Sync): SyncSteps {
  const copy = copyOf(sync.move);
  const isOurs = (page: SyncPage): page is KeysPage => page.kind === "changed" || page.kind === "gone";
  return {
    stages: () => stagesOf(sync),
    pages: (db, span, demand) => {
      const phase = beginOf(span).phase as Phase;
      if (phase === "rows" || phase === "links") return changedPages(sync, span, { demand, dry: db.readOnly });
      return phase === "gone" ? gonePages(sync, span, demand) : copy.pages(db, span, demand);
    },
    pagesOf: (keys, items) => pagesOfKeys(sync, keys, items),
    split: async (page) => (isOurs(page) ? halve(page) : copy.split(page)),
    plan: (tx, page, context) =>
      isOurs(page) ? handle(tx, sync, page, context, FORESEEN) : copy.plan(tx, page, context),
    apply: (tx, page, context) =>
      isOurs(page) ? handle(tx, sync, page, context, DONE) : copy.apply(tx, page, context),
  };
}

/** Rows that were refused: they may have changed, or be new. */
async function* pagesOfKeys(sync: Sync, keys: readonly string[], items: number): AsyncGenerator<SyncPage, Ended> {
  for await (const page of keyPages(sync.move, keys, items))
    yield page.kind === "rows" && Array.isArray(page.rows)
      ? pageOf("rows", { level: 0, table: page.table }, page.rows)
      : page;
  return "end";
}
