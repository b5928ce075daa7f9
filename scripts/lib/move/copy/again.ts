/** The rows of a level that were put off: tried again in rounds, as long as that helps; then those that need each other at once. */
import type { Database } from "../../db/database.ts";
import type { Ended, ItemError, Span } from "../../task.ts";
import { pageOfKeys } from "./pages.ts";
import { beginOf, type CopyPage, itemKey, place } from "./place.ts";
import { listNotes, type Note } from "./put-off.ts";
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
  const read = () => listNotes(db, [...names.keys()]);
  const sizeOf = (notes: readonly Note[]) => notes.reduce((sum, { keys }) => sum + keys.length, 0);
  let notes = await read();
  if (db.readOnly) return "end"; // a dry run puts nothing off
  for (let before = Number.POSITIVE_INFINITY; sizeOf(notes) > 0 && sizeOf(notes) < before; notes = await read()) {
    before = sizeOf(notes);
    for (const { id, target, keys } of notes) yield pageOfKeys(names.get(target) ?? "", keys, { id, cursor });
  }
  if (notes.length > 0) yield { kind: "knot", level, cursor, size: 1, key: JSON.stringify([...names.values()]) };
  for (const { id, target, keys } of await read())
    yield { kind: "orphans", putOff: id, cursor, size: 1, refused: keys.map(toRefusal(names.get(target) ?? "")) };
  return "end";
}

const toRefusal =
  (table: string) =>
  (key: readonly string[]): ItemError => ({
    key: itemKey(table, key),
    code: FOREIGN_KEY_VIOLATION,
    message: `A row that it refers to by a foreign key of ${table} was not copied.`,
  });
