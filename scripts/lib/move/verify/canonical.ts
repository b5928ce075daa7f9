/** A row's content as text that is the same on any server: what two databases are compared by. */
import type { Queryable } from "../../db/database.ts";
import { quoteName } from "../../db/quote.ts";
import type { Column, Table } from "../catalog-types.ts";
import { FIND_OPERATORS } from "../operators.ts";

/**
 * What a value's text depends on, besides the value. With row_security off a query that a policy would filter fails instead: rows
 * that can't be seen are not taken for rows that are not there.
 */
const SETTINGS = [
  "timezone = 'UTC'",
  "datestyle = 'ISO, YMD'",
  "intervalstyle = postgres",
  "extra_float_digits = 1",
  "bytea_output = hex",
  "lc_monetary = 'C'",
  "standard_conforming_strings = on",
  "row_security = off",
  "work_mem = '64MB'",
];

const NUMBERS = ["smallint", "integer", "bigint", "numeric"];
const FLOATS = /^(real|double precision)(\[\])*$/;
const TIMES = ["date", "timestamp without time zone", "timestamp with time zone"];

/** A column of both sides, as each side's SQL reads it. Equal values have equal texts. */
export interface Compared {
  readonly name: string;
  readonly source: string;
  readonly target: string;
}

/** What of a table is compared. */
export interface Shape {
  /** The columns that tell which rows of the two sides belong together. */
  readonly key: readonly Compared[];
  /** All that are compared; the key's are among them. */
  readonly columns: readonly Compared[];
  /** False where rows have no key: all columns together stand for it then, and a row may be there twice. */
  readonly keyed: boolean;
  /** Columns of the source that the target has not. */
  readonly absent: readonly string[];
}

export const setCanonical = (tx: Queryable): Promise<unknown> =>
  tx.query([...SETTINGS.map((setting) => `set local ${setting}`), FIND_OPERATORS].join("; "));

/** How a table is compared. `keyOnly` asks no more than which rows are there. */
export function shapeOf(
  source: Table,
  target: Table,
  key: readonly string[],
  { keyOnly = false }: { readonly keyOnly?: boolean } = {},
): Shape {
  const there = new Map(target.columns.map((column) => [column.name, column]));
  const columns = source.columns.flatMap((column) => {
    const counterpart = there.get(column.name);
    return counterpart === undefined ? [] : [comparedOf(column, counterpart)];
  });
  const keyColumns = key.flatMap((name) => columns.filter((column) => column.name === name));
  const keyed = keyColumns.length > 0 && keyColumns.length === key.length;
  return {
    key: keyed ? keyColumns : columns,
    columns: keyed && keyOnly ? keyColumns : columns,
    keyed,
    absent: source.columns.filter(({ name }) => !there.has(name)).map(({ name }) => name),
  };
}

/** Where both sides have one type, the type's own text; else a form in which what a change of type keeps is equal. */
function comparedOf(source: Column, target: Column): Compared {
  const name = quoteName(source.name);
  const types = [source.type, target.type];
  const both = (expression: string) => ({ name: source.name, source: expression, target: expression });
  if (source.type === target.type) return both(name);
  if (types.every((type) => /^jsonb?$/.test(type))) return both(`${name}::text::jsonb`);
  if (types.every((type) => /^jsonb?\[\]$/.test(type))) return both(`${name}::text::jsonb[]`);
  const plain = types.map((type) => type.replace(/\([\d, -]*\)/g, ""));
  if (plain.every((type) => NUMBERS.includes(type))) return both(`trim_scale(${name}::numeric)`);
  // A real travels as text: 1e+10 is 10000000000 then, and 0.1 no more than 0.1.
  if (plain.every((type) => FLOATS.test(type)))
    return both(`${name}::text::double precision${target.isArray ? "[]" : ""}`);
  if (plain.every((type) => TIMES.includes(type))) return both(`${name}::timestamptz`);
  if (plain.includes("character")) return both(`rtrim(${name}::text)`);
  return both(`${name}::text`);
}
