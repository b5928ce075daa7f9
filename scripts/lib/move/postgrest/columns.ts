/** How a column's values travel: as PostgreSQL writes them into JSON where nothing is lost so, else as text. */
import type { Column } from "../catalog-types.ts";
import { nameIn } from "./query.ts";

/**
 * Types that JSON carries whole: numbers digit by digit, times in ISO, blanks at the end of a char(n), which a cast to text drops.
 * What is not listed is asked for as text: JSON can't tell jsonb's null from NULL, loses where an array begins, and leaves it to a
 * type's own cast what it makes of it.
 */
const CARRIED = new Set(
  ["smallint", "integer", "bigint", "numeric", "real", "double precision", "boolean", "uuid", "bytea"].concat(
    ["text", "character varying", "character", "bpchar", "date"],
    ["time", "timestamp"].flatMap((type) => [`${type} without time zone`, `${type} with time zone`]),
  ),
);

/** Their text depends on who reads it as what: a time with a zone becomes one without in UTC, not by leaving the zone off. */
const TIMES = /^(date|time|timestamp)\b/;

/** A column of the table that is filled: its type whole, and without its length or precision. */
export interface TargetColumn {
  readonly name: string;
  readonly type: string;
  readonly base: string;
}

/** `numeric(12,2)` and `timestamp(3) without time zone` without their numbers. */
const baseOf = (type: string): string => type.replace(/\s*\(\d+(,-?\d+)?\)/, "");

const isCarried = ({ type, kind, isArray, json }: Column): boolean =>
  kind === "base" && !isArray && json === null && CARRIED.has(baseOf(type));

/** The column as `select` asks for it. */
export const itemOf = (column: Column): string => `${nameIn(column.name)}${isCarried(column) ? "" : "::text"}`;

/**
 * The type as which a value is read out of the body, and the type that it is then cast to, where it has to be. The type with its
 * length is never cast to, which would cut the value without a word: storing it is what checks it.
 */
export function readingOf(column: Column, target: TargetColumn): { readonly as: string; readonly cast?: string } {
  if (!isCarried(column) || !CARRIED.has(target.base)) return { as: "text", cast: target.base };
  const base = baseOf(column.type);
  return TIMES.test(base) && base !== target.base ? { as: base } : { as: target.type };
}
