/**
 * Rows in quarantine for want of a row that they refer to. A copy that was interrupted goes on with a later moment of its source:
 * what it meets then may refer to rows behind its cursor. So each copy, and each sync, tries them again once all else is there.
 */
import type { Database } from "../../db/database.ts";
import { hasJournal } from "../../journal/runs.ts";
import { refusedKeys } from "./known.ts";
import { keyPages } from "./pages.ts";
import { again, type Place, type RowsPage } from "./place.ts";
import type { Move } from "./tables.ts";

const FOREIGN_KEY = "23503";
const PAGE_ITEMS = 1_000;

/** Pages of them, parents before children. A dry run has none: it can't tell which rows will be there. */
export async function* parentlessPages(move: Move, db: Database, cursor: Place): AsyncGenerator<RowsPage, void> {
  if (db.readOnly || !(await hasJournal(db))) return;
  for (const { table } of move.levels.flat()) {
    const keys = await refusedKeys(db, move.script, table.name, FOREIGN_KEY);
    for await (const page of keyPages(move, keys, PAGE_ITEMS))
      if (page.kind === "rows") yield again({ ...page, cursor });
  }
}
