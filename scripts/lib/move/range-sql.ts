/** Ranges and keys as SQL without parameters: `copy` takes none. A literal takes its type from the column that it is compared with. */
import pg from "pg";
import { quoteName } from "../db/quote.ts";
import type { Key, KeyRange, Since } from "./catalog-types.ts";

/** What rows of a range fulfil. A table without a key is one page: it is all there before it, and nothing after it. */
export function rangeCondition(key: readonly string[], { after, until, since }: KeyRange): string {
  const recent = since === undefined ? [] : [sinceCondition(since)];
  if (key.length === 0) return [after === null ? "true" : "false", ...recent].join(" and ");
  const row = namesOf(key);
  const conditions = [
    ...(after === null ? [] : [`${row} > ${literalsOf(after)}`]),
    ...(until === null ? [] : [`${row} <= ${literalsOf(until)}`]),
    ...recent,
  ];
  return conditions.length === 0 ? "true" : conditions.join(" and ");
}

/** What the rows with these keys fulfil. */
export const keysCondition = (key: readonly string[], keys: readonly Key[]): string =>
  key.length === 0 || keys.length === 0
    ? String(keys.length > 0)
    : `${namesOf(key)} in (${keys.map(literalsOf).join(", ")})`;

/** Names, quoted, with commas between. */
export const listNames = (names: readonly string[]): string => names.map(quoteName).join(", ");

const namesOf = (key: readonly string[]): string => `(${listNames(key)})`;

const literalsOf = (key: Key): string => `(${key.map(literalOf).join(", ")})`;

/** `pg` puts a blank before a literal with backslashes. */
const literalOf = (text: string): string => pg.escapeLiteral(text).trim();

const sinceCondition = ({ columns, from }: Since): string =>
  `(${columns.map((name) => `${quoteName(name)} >= ${literalOf(from)}`).join(" or ") || "false"})`;
