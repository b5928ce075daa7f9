/** What batch 1 still has to make, and in which numbers that is told. */
import type { PageResult } from "../task.ts";
import { findForeignKey } from "./baseline-compare.ts";
import type { ForeignKey, Shape } from "./baseline-shape.ts";

export interface Missing {
  readonly tables: readonly string[];
  /** Of tables that are there: `Lead.customer_id`. */
  readonly columns: readonly string[];
  readonly types: readonly string[];
  readonly views: readonly string[];
  /** Those that an interrupted build left invalid, too. */
  readonly indexes: readonly string[];
  readonly foreignKeys: readonly ForeignKey[];
  readonly functions: readonly string[];
}

export const missingOf = (actual: Shape, expected: Shape): Missing => ({
  tables: namesMissing(expected.tables, actual.tables),
  columns: Object.entries(expected.tables).flatMap(([table, columns]) => {
    const found = actual.tables[table];
    return found === undefined ? [] : namesMissing(columns, found).map((column) => `${table}.${column}`);
  }),
  types: namesMissing(expected.enums, actual.enums),
  views: namesMissing(expected.views, actual.views),
  indexes: Object.keys(expected.indexes).filter((name) => actual.indexes[name]?.valid !== true),
  foreignKeys: expected.foreignKeys.filter((key) => findForeignKey(actual, key)?.valid !== true),
  functions: namesMissing(expected.functions, actual.functions),
});

const namesMissing = (expected: object, actual: object): string[] =>
  Object.keys(expected).filter((name) => !Object.hasOwn(actual, name));

/** One line for each kind of thing. */
export function linesOf(missing: Missing): string[] {
  const kinds: [string, string, readonly string[]][] = [
    ["table", "tables", missing.tables],
    ["column", "columns", missing.columns],
    ["enum type", "enum types", missing.types],
    ["index", "indexes", missing.indexes],
    ["foreign key", "foreign keys", missing.foreignKeys.map(({ name }) => name)],
    ["view", "views", missing.views],
    ["function", "functions", missing.functions.map((signature) => signature.replace(/\(.*/, ""))],
  ];
  return kinds
    .filter(([, , names]) => names.length > 0)
    .map(([one, many, names]) => `${names.length} ${names.length === 1 ? one : many}: ${[...names].sort().join(", ")}`);
}

/** An item is a table, a type, an index, a foreign key, a view or a function; a table that gets columns is updated. */
export function resultOf(missing: Missing, expected: Shape, migrationsApplied: number): PageResult {
  const counts = {
    tablesCreated: missing.tables.length,
    typesCreated: missing.types.length,
    indexesCreated: missing.indexes.length,
    foreignKeysCreated: missing.foreignKeys.length,
    viewsCreated: missing.views.length,
    functionsCreated: missing.functions.length,
  };
  const { tables, enums, indexes, views, functions, foreignKeys } = expected;
  const named = [tables, enums, indexes, views, functions];
  const fetched = named.reduce((sum, names) => sum + Object.keys(names).length, foreignKeys.length);
  const created = Object.values(counts).reduce((sum, count) => sum + count, 0);
  const updated = new Set(missing.columns.map((column) => column.split(".")[0])).size;
  return {
    fetched,
    created,
    updated,
    unchanged: fetched - created - updated,
    counters: { migrationsApplied, columnsAdded: missing.columns.length, ...counts },
  };
}
