/** Values for a row that is inserted and taken back at once. */
import { quoteName } from "../../db/quote.ts";
import type { Column, Table } from "../catalog-types.ts";

/** What a column without a default takes where the table has no row to take it from. By the type's plain name. */
const VALUES: Readonly<Record<string, string>> = {
  text: "''",
  character: "''",
  "character varying": "''",
  smallint: "0",
  integer: "0",
  bigint: "0",
  numeric: "0",
  real: "0",
  "double precision": "0",
  boolean: "false",
  uuid: "gen_random_uuid()",
  json: "'{}'",
  jsonb: "'{}'",
  bytea: "''",
  interval: "'0'",
  date: "current_date",
  "time without time zone": "localtime(0)",
  "timestamp without time zone": "localtimestamp",
  "timestamp with time zone": "now()",
};

/** The next number, or where there is none left above, the first that is free. */
const nextNumber = (largest: string): string => `
  (select case when max(:column) < ${largest} then max(:column) + 1
               else (select number from generate_series(0, (select count(*) from :table)) number
                      where not exists (select from :table where :column = number) limit 1)
          end
     from :table)`;

/** One that no row of the table has yet, made from those that are there. `:column` is the column, `:table` its table. */
const UNHEARD_OF: Readonly<Record<string, string>> = {
  text: "md5(random()::text)",
  character: "left(md5(random()::text), :length)",
  "character varying": "left(md5(random()::text), :length)",
  smallint: nextNumber("32767"),
  integer: nextNumber("2147483647"),
  bigint: nextNumber("9223372036854775807"),
  numeric: "(select max(:column) + 1 from :table)",
  uuid: "gen_random_uuid()",
  bytea: "decode(md5(random()::text), 'hex')",
  date: "(select max(:column) + 1 from :table)",
  "timestamp without time zone": "(select max(:column) + interval '1 day' from :table)",
  "timestamp with time zone": "(select max(:column) + interval '1 day' from :table)",
};

/** Columns that the database itself fills when nobody does. */
export const fillsItself = ({ default: value, identity, generated }: Column): boolean =>
  value !== null || identity !== null || generated !== null;

/**
 * A column's value in the new row, as SQL over a row `r` of the table: that row's own, or one that nobody has where it must be the
 * only one of its kind. Undefined where none can be made up.
 */
export function valueFor(
  column: Column,
  table: Table,
  relation: string,
  { empty }: { empty: boolean },
): string | undefined {
  const plain = column.type.replace(/\([\d, -]*\)/g, "");
  if (empty) return column.isArray ? "'{}'" : (VALUES[plain] ?? enumLabel(column, relation));
  if (!isUnique(column, table)) return `r.${quoteName(column.name)}`;
  const parts = { column: quoteName(column.name), table: relation, length: lengthOf(column) };
  return UNHEARD_OF[plain]?.replace(/(?<!:):(column|table|length)\b/g, (_, name: keyof typeof parts) => parts[name]);
}

const isUnique = ({ name }: Column, { constraints }: Table): boolean =>
  constraints.some(({ kind, columns }) => (kind === "primary" || kind === "unique") && columns.includes(name));

const lengthOf = ({ type }: Column): string => /\((\d+)\)/.exec(type)?.[1] ?? "32";

/** A type's name would need its schema; the column knows it. */
const enumLabel = ({ kind, name }: Column, relation: string): string | undefined =>
  kind === "enum" ? `(enum_range((select ${quoteName(name)} from ${relation} limit 0)))[1]` : undefined;
