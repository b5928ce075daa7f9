/** The comments on what is made. */
import { quoteName } from "../../db/quote.ts";
import type { Catalog, Table } from "../catalog-types.ts";
import { literal } from "./phrases.ts";
import type { Statement } from "./statement.ts";

/**
 * Comments on tables and what is theirs, and on types and sequences. `made` are those of the latter that are new, as kind and name;
 * `keys` the foreign keys that are made, with their tables' names before theirs.
 */
export function commentsOf(
  source: Catalog,
  tables: readonly Table[],
  made: ReadonlySet<string>,
  keys: ReadonlySet<string>,
): Statement[] {
  return [
    ...source.types
      .filter(({ name }) => made.has(`type ${name}`))
      .flatMap(({ name, kind, comment }) =>
        commentOn(name, `${kind === "domain" ? "domain" : "type"} ${quoteName(name)}`, comment),
      ),
    ...source.sequences
      .filter(({ name }) => made.has(`sequence ${name}`))
      .flatMap(({ name, comment }) => commentOn(name, `sequence ${quoteName(name)}`, comment)),
    ...tables.flatMap((table) => commentsOfTable(table, keys)),
  ];
}

function commentsOfTable(
  { name, comment, columns, constraints, indexes }: Table,
  keys: ReadonlySet<string>,
): Statement[] {
  const table = quoteName(name);
  return [
    ...commentOn(name, `table ${table}`, comment),
    ...columns.flatMap((column) =>
      commentOn(`${name}.${column.name}`, `column ${table}.${quoteName(column.name)}`, column.comment),
    ),
    ...constraints
      .filter(({ kind, name: own }) => kind !== "foreign" || keys.has(`${name}.${own}`))
      .flatMap((constraint) =>
        commentOn(
          `${name}.${constraint.name}`,
          `constraint ${quoteName(constraint.name)} on ${table}`,
          constraint.comment,
        ),
      ),
    ...indexes.flatMap((index) => commentOn(`${name}.${index.name}`, `index ${quoteName(index.name)}`, index.comment)),
  ];
}

const commentOn = (name: string, what: string, comment: string | null | undefined): Statement[] =>
  comment ? [{ kind: "comment", name, sql: `comment on ${what} is ${literal(comment)}` }] : [];
