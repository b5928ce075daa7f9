/** The rows of a level that were put off, tried again in rounds, until a round brings none of them further. */
import type { Database } from "../../db/database.ts";
import type { Ended, ItemError, Span } from "../../task.ts";
import { pageOfKeys } from "./pages.ts";
import { beginOf, type CopyPage, itemKey, place } from "./place.ts";
import { listNotes } from "./put-off.ts";
import type { Move } from "./tables.ts";

const FOREIGN_KEY_VIOLATION = "23503";

export async function* againPages(
  { levels }: Move,
  db: Pick<Database, "query" | "readOnly">,
  span: Span,
): AsyncGenerator<CopyPage, Ended> {
  const { level } = beginOf(span);
  const cursor = place("again", level, null);
  const names = new Map((levels[level] ?? []).map(({ target, table }) => [target, table.name]));
  for (let before = Number.POSITIVE_INFINITY; ; ) {
    const notes = await listNotes(db, [...names.keys()]);
    const left = notes.reduce((sum, { keys }) => sum + keys.length, 0);
    if (left === 0 || db.readOnly) return "end"; // a dry run puts nothing off
    for (const { id, target, keys } of notes) {
      const table = names.get(target) ?? "";
      if (left < before) yield pageOfKeys(table, keys, { id, cursor });
      else yield { kind: "orphans", putOff: id, cursor, size: keys.length, refused: keys.map(toRefusal(table)) };
    }
    before = left;
  }
}

const toRefusal =
  (table: string) =>
  (key: readonly string[]): ItemError => ({
    key: itemKey(table, key),
    code: FOREIGN_KEY_VIOLATION,
    message: `A row that it refers to by a foreign key of ${table} was not copied.`,
  });
