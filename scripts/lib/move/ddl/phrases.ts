/** Parts of statements that make tables. */
import pg from "pg";
import { quoteName } from "../../db/quote.ts";
import type { Column, Sequence } from "../catalog-types.ts";

export const alterTable = (table: string): string => `alter table ${quoteName(table)}`;

/** A text as SQL without parameters, which statements that make things don't take. */
export const literal = (text: string): string => pg.escapeLiteral(text).trim();

/** Names for people. */
export const listOf = (names: readonly string[]): string => names.join(", ");

/** `"id" bigint generated always as identity (…) not null`; `sequence` is the one that serves it. */
export function columnClause(column: Column, sequence: Sequence | undefined): string {
  const { name, type, collation, notNull } = column;
  return [
    quoteName(name),
    type,
    ...(collation ? [`collate ${collation}`] : []),
    ...valueClause(column, sequence),
    ...(notNull ? ["not null"] : []),
  ].join(" ");
}

function valueClause(column: Column, sequence: Sequence | undefined): string[] {
  if (column.generated !== null) return [`generated always as (${column.generated}) stored`];
  if (column.identity !== null) {
    const options = sequence === undefined ? "" : ` (sequence name ${quoteName(sequence.name)} ${sequence.definition})`;
    return [`generated ${column.identity} as identity${options}`];
  }
  return column.default === null ? [] : [`default ${column.default}`];
}

export const sequenceClause = ({ name, type, definition }: Sequence): string =>
  `${quoteName(name)} as ${type} ${definition}`;
