/** One database with the same tables in two schemas: what a move would leave, and what damage is done to one of them. */
import { afterEach } from "@jest/globals";
import { type Database, openDatabase } from "../../../../scripts/lib/db/database.ts";
import { readCatalog } from "../../../../scripts/lib/move/catalog.ts";
import type { Catalog, Table } from "../../../../scripts/lib/move/catalog-types.ts";
import { openDirectSource } from "../../../../scripts/lib/move/direct.ts";
import type { Source } from "../../../../scripts/lib/move/source.ts";
import type { Parties } from "../../../../scripts/lib/move/verify/sides.ts";
import type { TestDatabase } from "../../../helpers/database.ts";

export const SOURCE = "theirs";
export const TARGET = "moved";

/** Both schemas as they are now. */
export interface TwoCopies extends Parties {
  readonly from: Catalog;
  readonly to: Catalog;
}

const opened: { close(): Promise<void> }[] = [];

afterEach(async () => {
  for (const one of opened.splice(0)) await one.close();
});

/** A source that yields the pages of another, and knows nothing of SQL: as PostgREST is one. */
export const paged = (source: Source): Source => ({
  kind: "postgrest",
  display: source.display,
  catalog: () => source.catalog(),
  count: (table, range) => source.count(table, range),
  cut: (table, range, items) => source.cut(table, range, Math.min(items, 7)),
  keys: (table, range) => source.keys(table, range),
  load: (tx, table, range, into) => source.load(tx, table, range, into),
  loadKeys: (tx, table, keys, into) => source.loadKeys(tx, table, keys, into),
  close: () => source.close(),
});

/** Opens what a verification is between. */
export async function openTwoCopies({ address }: TestDatabase, kind: Source["kind"] = "direct"): Promise<TwoCopies> {
  const target: Database = openDatabase(address);
  const direct = openDirectSource(address, SOURCE);
  const source = kind === "direct" ? direct : paged(direct);
  opened.push(source, target);
  const [from, to] = [await readCatalog(target, SOURCE), await readCatalog(target, TARGET)];
  return { source, sourceSchema: SOURCE, target, schema: TARGET, from, to };
}

export function tableOf(catalog: Catalog, name: string): Table {
  const table = catalog.tables.find((one) => one.name === name);
  if (table === undefined) throw new Error(`There is no table ${name}.`);
  return table;
}
