/** A batch that is nothing but a copy, for tests: what the real one drives besides plays no part in them. */
import type { Address } from "../../../../scripts/lib/db/address.ts";
import { withDatabase } from "../../../../scripts/lib/db/database.ts";
import { readCatalog } from "../../../../scripts/lib/move/catalog.ts";
import type { Catalog } from "../../../../scripts/lib/move/catalog-types.ts";
import { COPY_PAGE_ITEMS, type Copy, copyOf, planMove } from "../../../../scripts/lib/move/copy.ts";
import { openDirectSource } from "../../../../scripts/lib/move/direct.ts";
import { withLater } from "../../../../scripts/lib/move/later.ts";
import type { Source } from "../../../../scripts/lib/move/source.ts";
import { defineBatch } from "../../../../scripts/lib/task.ts";

const NAME = "migrate-business-data";

export interface Route {
  readonly source: Source;
  /** What it shows, unless it is asked. */
  readonly catalog?: Catalog;
  readonly address: Address;
  /** The schema of the target. */
  readonly schema: string;
  /** All that the source has, unless it is told. */
  readonly tables?: readonly string[];
  readonly pageItems?: number;
  readonly dryRun?: boolean;
}

/** Puts a batch together that copies these tables. */
export async function copyBatch({ source, catalog: shown, address, schema, tables, pageItems, dryRun = false }: Route) {
  const catalog = shown ?? (await source.catalog());
  const target = await withDatabase(address, {}, async (db) => withLater(db, await readCatalog(db, schema)));
  const names = tables ?? catalog.tables.map(({ name }) => name);
  return batchOf(copyOf(planMove({ script: NAME, source, catalog, target, tables: names, dryRun })), pageItems);
}

const batchOf = (copy: Copy, items?: number) =>
  defineBatch({
    number: 10,
    name: NAME,
    title: "Copy a database",
    unit: "rows",
    requires: [1],
    schema: { plan: async () => ({ fetched: 0 }), apply: async () => ({ fetched: 0 }) },
    steps: ["Copying rows", "Recording audit log"],
    skips: [],
    labels: { rowsRead: "Rows read", rowsInserted: "Rows inserted", rowsExisting: "Rows existing" },
    stats: (totals) => ({
      rowsRead: totals.fetched,
      rowsInserted: totals.created,
      rowsExisting: totals.unchanged,
    }),
    stages: () => copy.stages(),
    count: (_, spans) => copy.count(spans),
    pageItems: () => (items === undefined ? COPY_PAGE_ITEMS : { first: items, least: 1, most: items }),
    pages: ({ db }, span, demand) => copy.pages(db, span, demand),
    divide: ({ db }, span, parts, size) => copy.divide(db, span, parts, size),
    pagesOf: (_, keys, size) => copy.pagesOf(keys, size),
    split: (_, page) => copy.split(page),
    plan: copy.plan,
    apply: copy.apply,
  });

/** Opens a direct source for the time of `work`. */
export async function withSource<T>(
  address: Address,
  schema: string,
  work: (source: Source) => Promise<T>,
): Promise<T> {
  const source = openDirectSource(address, schema);
  try {
    return await work(source);
  } finally {
    await source.close();
  }
}
