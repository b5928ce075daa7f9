/**
 * The statements that make a schema's tables in another database: what is missing there, in an order that works. PostgreSQL's own
 * functions have written the definitions; what is left to do here is to put them together. No library was found that does it and is
 * kept: pg-introspection and extract-pg-schema read the catalog and write no statements, ddlx is an extension of the server, and
 * pg_dump can't give the schema another name, nor leave alone what is there.
 */
import { quoteName } from "../db/quote.ts";
import type { Catalog, Constraint, Table } from "./catalog-types.ts";
import { commentsOf } from "./ddl/comments.ts";
import { neededSequences, neededTypes } from "./ddl/needs.ts";
import { alterTable, columnClause, listOf, sequenceClause } from "./ddl/phrases.ts";
import type { SchemaStatements, Statement } from "./ddl/statement.ts";

export type * from "./ddl/statement.ts";

export interface DdlOptions {
  /** The tables that are to be made; those that the target has are left as they are. */
  readonly tables: readonly Table[];
  /** Triggers and all functions too, not only those that the tables can't be made without. */
  readonly functions?: boolean;
}

/** Puts together what makes the tables of `source` that `target` lacks. */
export function createStatements(
  source: Catalog,
  target: Catalog,
  { tables, functions = false }: DdlOptions,
): SchemaStatements {
  const there = new Set(target.tables.map(({ name }) => name));
  const made = tables.filter(({ name }) => !there.has(name));
  const [keys, strayKeys] = foreignKeys(source, made, there);
  const before = [
    ...missing(neededTypes(source, made), target.types).map(typeStatement),
    ...missing(source.functions, target.functions)
      .filter(({ needed }) => functions || needed === true)
      .map(({ name, definition }): Statement => ({ kind: "function", name, sql: definition })),
    ...missing(neededSequences(source, made), target.sequences).map(
      (sequence): Statement => ({
        kind: "sequence",
        name: sequence.name,
        sql: `create sequence ${sequenceClause(sequence)}`,
      }),
    ),
  ];
  const statements = [
    ...before,
    ...made.map((table) => tableStatement(source, table)),
    ...ownerships(source, made),
    ...made.flatMap((table) => partsOf(table, ({ kind }) => kind !== "foreign")),
    ...made.flatMap(({ name, indexes }) =>
      indexes.map(
        (index): Statement => ({ kind: "index", name: `${name}.${index.name}`, table: name, sql: index.definition }),
      ),
    ),
    ...(functions ? made.flatMap(triggerStatements) : []),
    ...keys,
    ...commentsOf(
      source,
      made,
      new Set(before.map(({ kind, name }) => `${kind} ${name}`)),
      new Set(keys.map(({ name }) => name)),
    ),
  ];
  return { statements, leftOut: [...strayKeys, ...(functions ? [] : leftFunctions(source, made))] };
}

const missing = <Item extends { readonly name: string }>(items: readonly Item[], there: readonly Item[]): Item[] =>
  items.filter(({ name }) => there.every((other) => other.name !== name));

const typeStatement = ({ name, kind, definition }: Catalog["types"][number]): Statement => ({
  kind: "type",
  name,
  sql: `create ${kind === "domain" ? "domain" : "type"} ${quoteName(name)} ${definition}`,
});

function tableStatement(source: Catalog, { name, columns, parameters = [] }: Table): Statement {
  const sequenceOf = (column: string) =>
    source.sequences.find(({ ownedBy }) => ownedBy?.table === name && ownedBy.column === column);
  const clauses = columns.map((column) => `  ${columnClause(column, sequenceOf(column.name))}`);
  const storage = parameters.length === 0 ? "" : ` with (${parameters.join(", ")})`;
  return { kind: "table", name, sql: `create table ${quoteName(name)} (\n${clauses.join(",\n")}\n)${storage}` };
}

/** A serial column's sequence goes with its table; an identity's does so by itself. */
const ownerships = (source: Catalog, made: readonly Table[]): Statement[] =>
  source.sequences.flatMap(({ name, ownedBy }) => {
    const table = made.find((other) => other.name === ownedBy?.table);
    const column = table?.columns.find((other) => other.name === ownedBy?.column);
    if (table === undefined || column === undefined || column.identity !== null) return [];
    const owner = `${quoteName(table.name)}.${quoteName(column.name)}`;
    return [{ kind: "sequence", name, sql: `alter sequence ${quoteName(name)} owned by ${owner}` }];
  });

const partsOf = (table: Table, wanted: (constraint: Constraint) => boolean): Statement[] =>
  table.constraints.filter(wanted).map(({ name, kind, definition }) => ({
    kind: kind === "foreign" ? "foreign key" : "constraint",
    name: `${table.name}.${name}`,
    table: table.name,
    sql: `${alterTable(table.name)} add constraint ${quoteName(name)} ${definition}`,
  }));

const triggerStatements = ({ name, triggers }: Table): Statement[] =>
  triggers.map((trigger) => ({
    kind: "trigger",
    name: `${name}.${trigger.name}`,
    table: name,
    sql: trigger.definition,
  }));

/** A foreign key is made where the table that it leads to is, or will be, in the same schema. */
function foreignKeys(source: Catalog, made: readonly Table[], there: ReadonlySet<string>): [Statement[], string[]] {
  const parents = new Set([...made.map(({ name }) => name), ...there]);
  const fits = ({ references }: Constraint) => references?.schema === source.schema && parents.has(references.table);
  const isKey = ({ kind }: Constraint) => kind === "foreign";
  const keys = made.flatMap((table) => partsOf(table, (constraint) => isKey(constraint) && fits(constraint)));
  const strays = made.flatMap(({ name, constraints }) =>
    constraints
      .filter((constraint) => isKey(constraint) && !fits(constraint))
      .map((key) => {
        const { schema, table } = key.references ?? { schema: "", table: "" };
        const parent = schema === source.schema ? table : `${schema}.${table}`;
        return `foreign key ${key.name} of ${name}: it leads to ${parent}, which does not move`;
      }),
  );
  return [keys, strays];
}

function leftFunctions(source: Catalog, made: readonly Table[]): string[] {
  const triggers = made.flatMap(({ name, triggers }) => triggers.map((trigger) => `${trigger.name} on ${name}`));
  const unneeded = source.functions.filter(({ needed }) => needed !== true).map(({ name }) => name);
  return [
    ...(triggers.length === 0 ? [] : [`triggers: ${listOf(triggers)} (--functions makes them)`]),
    ...(unneeded.length === 0 ? [] : [`functions: ${listOf(unneeded)} (--functions makes them)`]),
  ];
}
