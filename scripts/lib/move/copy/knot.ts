/**
 * Rows that need each other: each is the other's parent, so that none can be the first. They are inserted in one transaction, in
 * which the foreign keys between them are checked at the end; that they are otherwise checked at once is put back in it, too.
 */
import type { Queryable } from "../../db/database.ts";
import { quoteName } from "../../db/quote.ts";
import type { PageContext, PageResult } from "../../task.ts";
import type { Constraint, Key } from "../catalog-types.ts";
import { noteCopied } from "./effects.ts";
import { insertPage, makePage } from "./insert.ts";
import type { KnotPage } from "./place.ts";
import { listNotes, settleNote, takeOrphans } from "./put-off.ts";
import { CANONICAL, withTriggersAtRest } from "./store.ts";
import type { Move, Moved } from "./tables.ts";
import { countedFor } from "./tally.ts";

/** Stores what has been put off in a level as far as it holds together; the others stay put off. */
export async function storeKnot(
  tx: Queryable,
  { levels, source }: Move,
  { level, cursor }: KnotPage,
  { runId }: PageContext,
): Promise<PageResult> {
  await tx.query(`${CANONICAL}; set local statement_timeout = 0`);
  const tables = (levels[level] ?? []).filter(({ loops }) => loops.length > 0);
  const pages = new Map(tables.map(({ table }, index) => [table.name, `pg_temp.move_knot_${index}`]));
  const notes = await listNotes(
    tx,
    tables.map(({ target }) => target),
  );
  for (const moved of tables) {
    const page = pages.get(moved.table.name) ?? "";
    await makePage(tx, moved, page);
    const keys = notes.filter(({ target }) => target === moved.target).flatMap((note) => note.keys);
    if (keys.length > 0) await source.loadKeys(tx, moved.table, keys, page);
  }
  const orphans = await takeAllOrphans(tx, tables, pages);
  const insert = () => insertTogether(tx, tables, pages, { runId, name: `knot ${JSON.stringify(cursor)}` });
  const result = await withTriggersAtRest(tx, tables, insert);
  for (const { id, target, keys } of notes) {
    const left = new Set(orphans.get(target)?.map((key) => JSON.stringify(key)));
    await settleNote(
      tx,
      id,
      keys.filter((key) => !left.has(JSON.stringify(key))),
    );
  }
  return result;
}

async function insertTogether(
  tx: Queryable,
  tables: readonly Moved[],
  pages: ReadonlyMap<string, string>,
  { runId, name }: { runId: number | null; name: string },
): Promise<PageResult> {
  const changed = await checkLater(tx, tables);
  const results: PageResult[] = [];
  for (const moved of tables) {
    const rows = await insertPage(tx, moved, pages.get(moved.table.name) ?? "");
    await noteCopied(tx, { runId, target: moved.target, name, rows });
    results.push(countedFor(moved, { fetched: rows, created: rows }));
  }
  await tx.query("set constraints all immediate");
  for (const { target, constraint } of changed)
    await tx.query(`alter table ${target} alter constraint ${quoteName(constraint.name)} not deferrable`);
  return results.reduce(addResults, { fetched: 0 });
}

/** Taking one row away may take away another one's parent: until none goes any more. Returns the keys by target. */
async function takeAllOrphans(
  tx: Queryable,
  tables: readonly Moved[],
  pages: ReadonlyMap<string, string>,
): Promise<Map<string, Key[]>> {
  const taken = new Map<string, Key[]>();
  for (let more = true; more; ) {
    more = false;
    for (const moved of tables) {
      const keys = await takeOrphans(tx, moved, pages);
      taken.set(moved.target, [...(taken.get(moved.target) ?? []), ...keys]);
      more ||= keys.length > 0;
    }
  }
  return taken;
}

/** Has the foreign keys between the tables checked at the end of the transaction; returns those that were not deferrable. */
async function checkLater(
  tx: Queryable,
  tables: readonly Moved[],
): Promise<{ readonly target: string; readonly constraint: Constraint }[]> {
  const changed = tables.flatMap(({ target, loops }) =>
    loops
      .filter(({ definition }) => !/(?<!not )\bdeferrable\b/i.test(definition))
      .map((constraint) => ({ target, constraint })),
  );
  for (const { target, constraint } of changed)
    await tx.query(`alter table ${target} alter constraint ${quoteName(constraint.name)} deferrable`);
  await tx.query("set constraints all deferred");
  return changed;
}

const addResults = (sum: PageResult, { fetched, created = 0, counters = {} }: PageResult): PageResult => ({
  fetched: sum.fetched + fetched,
  created: (sum.created ?? 0) + created,
  counters: { ...sum.counters, ...counters },
});
