/** What becomes of a page of keys that the two sides don't have in common. */
import type { Queryable } from "../../db/database.ts";
import { quoteName } from "../../db/quote.ts";
import type { PageResult } from "../../page.ts";
import type { PageContext } from "../../task.ts";
import type { Key } from "../catalog-types.ts";
import { foreseeRows, leftOut } from "../copy/known.ts";
import { pageOfKeys } from "../copy/pages.ts";
import { storeRows } from "../copy/store.ts";
import { type Moved, movedNamed } from "../copy/tables.ts";
import { keysCondition } from "../range-sql.ts";
import { setCanonical } from "../verify/canonical.ts";
import { deleteRows, goneLine } from "./gone.ts";
import type { KeysPage, Sync } from "./place.ts";
import { type Updated as Rows, updateRows } from "./update.ts";

/** What is done with rows, or what that would come to. */
export interface Work {
  insert(tx: Queryable, sync: Sync, rows: Rows, context: PageContext): Promise<PageResult>;
  update(tx: Queryable, sync: Sync, rows: Rows, context: PageContext): Promise<number>;
  remove(tx: Queryable, sync: Sync, rows: Rows, context: PageContext): Promise<number>;
}

/** What a dry run counts. */
export const FORESEEN: Work = {
  insert: (tx, { move }, { moved, keys }, context) =>
    foreseeRows(tx, move, pageOfKeys(moved.table.name, keys), context),
  update: async (_tx, _sync, { keys, spelling = keys.length }) => spelling,
  remove: async (_tx, _sync, { keys }) => keys.length,
};

export const DONE: Work = {
  insert: (tx, { move }, { moved, keys }, context) => storeRows(tx, move, pageOfKeys(moved.table.name, keys), context),
  update: (tx, sync, rows, { runId }) => updateRows(tx, sync, { ...rows, runId }),
  remove: (tx, sync, rows, { runId }) => deleteRows(tx, sync, { ...rows, runId }),
};

/** Stores a page, or counts what that would do. */
export async function handle(
  tx: Queryable,
  sync: Sync,
  page: KeysPage,
  context: PageContext,
  work: Work,
): Promise<PageResult> {
  const moved = movedNamed(sync.move, page.table);
  await setCanonical(tx);
  const except = new Set(
    (await leftOut(tx, sync.move.script, { ...page, kind: "rows", rows: page.keys }, context)).map(textOf),
  );
  const tried = page.keys.filter((key) => !except.has(textOf(key)));
  if (page.kind === "gone") return removeOrList(tx, sync, { moved, keys: tried }, context, work);
  const there = await keysThere(tx, moved, page.known ? page.keys : tried);
  const fresh = page.known ? [] : tried.filter((key) => !there.has(textOf(key)));
  const known = tried.filter((key) => there.has(textOf(key)));
  const inserted = fresh.length === 0 ? undefined : await work.insert(tx, sync, { moved, keys: fresh }, context);
  const updated = await work.update(tx, sync, { moved, keys: known }, context);
  // A row whose equal key is spelled otherwise was in the way of the one that was to be inserted: it is the same row.
  const spelling = there.size - page.keys.filter((key) => there.has(textOf(key))).length;
  const respelled = spelling > 0 ? await work.update(tx, sync, { moved, keys: fresh, spelling }, context) : 0;
  // Rows that the target has not were counted as refused when they were to be inserted.
  const refused = page.keys.filter((key) => except.has(textOf(key)) && (!page.known || there.has(textOf(key))));
  return sumOf(moved, { inserted, known: known.length, updated: updated + respelled, quarantined: refused.length });
}

async function removeOrList(
  tx: Queryable,
  sync: Sync,
  rows: Rows,
  context: PageContext,
  work: Work,
): Promise<PageResult> {
  const { moved, keys } = rows;
  const { name } = moved.table;
  const removes = sync.deleteMissing && moved.key.length > 0;
  const deleted = removes ? await work.remove(tx, sync, rows, context) : 0;
  if (keys.length === 0) return { fetched: 0 };
  return {
    fetched: 0, // the source does not have them
    counters: {
      rowsDeleted: deleted,
      [`deleted ${name}`]: deleted,
      rowsGone: keys.length,
      [`gone ${name}`]: keys.length,
    },
    lines: [goneLine(moved, keys, removes ? "deleted" : "stay", context.options.verbose)],
  };
}

interface Sum {
  readonly inserted: PageResult | undefined;
  readonly known: number;
  readonly updated: number;
  readonly quarantined: number;
}

function sumOf({ table: { name } }: Moved, { inserted, known, updated, quarantined: refused }: Sum): PageResult {
  const fetched = (inserted?.fetched ?? 0) + known + refused;
  const created = inserted?.created ?? 0;
  const unchanged = (inserted?.unchanged ?? 0) + known - updated;
  const quarantined = (inserted?.quarantined ?? 0) + refused;
  const counts = { fetched, created, updated, unchanged, quarantined };
  const counters = Object.fromEntries(Object.entries(counts).map(([kind, count]) => [`${kind} ${name}`, count]));
  return { ...counts, counters };
}

/** Which of the keys the target has, by their texts. */
async function keysThere(tx: Queryable, { key, target }: Moved, keys: readonly Key[]): Promise<ReadonlySet<string>> {
  if (keys.length === 0) return new Set();
  const texts = key.map((name) => `${quoteName(name)}::text`);
  const { rows } = await tx.query<{ key: string[] }>(
    `select array[${texts.join(", ")}] as key from ${target} where ${keysCondition(key, keys)}`,
  );
  return new Set(rows.map(({ key: found }) => textOf(found)));
}

const textOf = (key: Key): string => JSON.stringify(key);
