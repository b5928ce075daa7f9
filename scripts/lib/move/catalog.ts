/** Reads what a schema is made of. PostgreSQL's own functions write the definitions, so that no version's syntax is guessed at. */
import type pg from "pg";
import type { Database, Queryable } from "../db/database.ts";
import { inTransaction } from "../db/transaction.ts";
import { readSql } from "../sql-file.ts";
import type {
  Catalog,
  Column,
  Constraint,
  Index,
  NamedFunction,
  NamedType,
  Sequence,
  Table,
  Trigger,
} from "./catalog-types.ts";
import { inOrder } from "./order.ts";

const read = (name: string): string => readSql(new URL(`catalog/${name}.sql`, import.meta.url));

const SQL = {
  searchPath: read("search-path"),
  tables: read("tables"),
  columns: read("columns"),
  constraints: read("constraints"),
  indexes: read("indexes"),
  triggers: read("triggers"),
  types: read("types"),
  sequences: read("sequences"),
  functions: read("functions"),
  surroundings: read("surroundings"),
};

type TableRow = Omit<Table, "columns" | "constraints" | "indexes" | "triggers"> & { readonly oid: string };
type OfTable<Part> = Part & { readonly table: string };

/** Reads a schema as it is at one moment. One that is not there has nothing in it. */
export const readCatalog = (db: Database, schema: string): Promise<Catalog> =>
  inTransaction(db, { readOnly: true, oneSnapshot: true }, (tx) => readCatalogIn(tx, schema));

/** The same within a transaction, and as that sees it. */
export function readCatalogIn(tx: Queryable, schema: string): Promise<Catalog> {
  return withSearchPath(tx, schema, async () => {
    const tables = await readTables(tx, schema);
    const types = await rowsOf<NamedType>(tx, SQL.types, schema);
    const sequences = await rowsOf<Sequence>(tx, SQL.sequences, schema);
    const functions = await rowsOf<NamedFunction>(tx, SQL.functions, schema);
    const [around] = await rowsOf<Pick<Catalog, "extensions" | "roles" | "leftBehind">>(tx, SQL.surroundings, schema);
    return {
      schema,
      tables,
      types: inOrder(
        types,
        ({ name }) => name,
        ({ needs = [] }) => needs,
      ).items,
      sequences,
      functions,
      extensions: around?.extensions ?? [],
      roles: around?.roles ?? [],
      leftBehind: around?.leftBehind ?? [],
      complete: true,
    };
  });
}

/**
 * Runs `work` while the transaction finds names in this schema, and those of extensions in theirs; nowhere else. Definitions in a
 * catalog are read like that, and are to be run like that.
 */
export async function withSearchPath<T>(tx: Queryable, schema: string, work: () => Promise<T>): Promise<T> {
  const { rows } = await tx.query<{ before: string }>("select current_setting('search_path') as before");
  await tx.query(`select set_config('search_path', path, true) from (${SQL.searchPath}) wanted`, [schema]);
  const result = await work();
  // Where the work fails the transaction does, and the setting with it.
  await tx.query("select set_config('search_path', $1, true)", [rows[0]?.before]);
  return result;
}

async function readTables(tx: Queryable, schema: string): Promise<Table[]> {
  const tables = await rowsOf<TableRow>(tx, SQL.tables, schema);
  const oids = tables.map(({ oid }) => oid);
  const columns = byTable(await rowsOf<OfTable<Column>>(tx, SQL.columns, oids));
  const constraints = byTable(await rowsOf<OfTable<Constraint>>(tx, SQL.constraints, oids));
  const indexes = byTable(await rowsOf<OfTable<Index>>(tx, SQL.indexes, oids));
  const triggers = byTable(await rowsOf<OfTable<Trigger>>(tx, SQL.triggers, oids));
  return tables.map(({ oid, ...table }) => ({
    ...table,
    columns: columns.get(oid) ?? [],
    constraints: (constraints.get(oid) ?? []).map(withoutEmptyReferences),
    indexes: indexes.get(oid) ?? [],
    triggers: triggers.get(oid) ?? [],
  }));
}

function byTable<Part extends object>(parts: readonly OfTable<Part>[]): Map<string, Part[]> {
  const sorted = new Map<string, Part[]>();
  for (const { table, ...part } of parts) {
    const list = sorted.get(table) ?? [];
    list.push(part as unknown as Part);
    sorted.set(table, list);
  }
  return sorted;
}

const withoutEmptyReferences = ({ references, ...constraint }: Constraint): Constraint =>
  references ? { ...constraint, references } : constraint;

const rowsOf = async <Row extends pg.QueryResultRow>(tx: Queryable, sql: string, value: unknown): Promise<Row[]> =>
  (await tx.query<Row>(sql, [value])).rows;
