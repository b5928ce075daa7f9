/** PostgREST's query language: which columns, which rows of a key's order, which order. */

import { type Key, type KeyRange, keyOf, type Since, type Table } from "../catalog-types.ts";

/** What needs no quotes: neither a separator of the language nor one of its words. */
const PLAIN_NAME = /^(?!(?:and|or|not)$)[A-Za-z_][A-Za-z0-9_]*$/;

/** Each key's values come once more, as text and last in the row, so that they are found without reading the body. */
const KEY_ALIAS = "_move_key_";

/** A condition as it stands within `and=(…)`, where no column's name is taken for a parameter. */
export type Condition = string;

export interface Selection {
  readonly select: string;
  readonly order: string;
}

/** These items, and the key, in the key's order. */
export function selectionOf(table: Table, items: readonly string[], direction: "asc" | "desc" = "asc"): Selection {
  const key = keyOf(table);
  const keys = key.map((name, index) => `${KEY_ALIAS}${index}:${nameIn(name)}::text`);
  return {
    select: [...items, ...keys].join(","),
    order: key.map((name) => `${nameIn(name)}.${direction}`).join(","),
  };
}

/** A name as it stands in select, order and conditions. */
export const nameIn = (name: string): string => (PLAIN_NAME.test(name) ? name : quoted(name));

const quoted = (text: string): string => `"${text.replace(/[\\"]/g, "\\$&")}"`;

/** The rows of a range. A table without a key has one end only, and it is no bound. */
export function conditionsOf(table: Table, { after, until, since }: KeyRange): Condition[] {
  const key = keyOf(table).map(nameIn);
  return [
    ...(after === null || key.length === 0 ? [] : bound(key, after, "gt")),
    ...(until === null || key.length === 0 ? [] : bound(key, until, "lt")),
    ...(since === undefined ? [] : [lateEnough(since)]),
  ];
}

/**
 * Past a key in its order, or up to it. The first column's bound follows from the rest; said by itself, an index is entered there
 * instead of being read from its beginning.
 */
function bound(columns: readonly string[], values: Key, side: "gt" | "lt"): Condition[] {
  const exact = lexical(columns, values, side);
  const [first = ""] = columns;
  return columns.length === 1 ? [exact] : [compare(first, `${side}e`, values[0] ?? ""), exact];
}

/** (a, b) > (x, y) is a > x, or a = x and b > y. The end of a range belongs to it. */
function lexical([first = "", ...others]: readonly string[], [value = "", ...rest]: Key, side: "gt" | "lt"): Condition {
  if (others.length === 0) return compare(first, side === "lt" ? "lte" : "gt", value);
  return `or(${compare(first, side, value)},and(${compare(first, "eq", value)},${lexical(others, rest, side)}))`;
}

const compare = (column: string, operator: string, value: string): Condition =>
  `${column}.${operator}.${quoted(value)}`;

const lateEnough = ({ columns, from }: Since): Condition =>
  `or(${columns.map((column) => compare(nameIn(column), "gte", from)).join(",")})`;

/** The rows that have one of these keys. */
export function amongKeys(columns: readonly string[], keys: readonly Key[]): Condition {
  const names = columns.map(nameIn);
  const [only = ""] = names;
  if (names.length === 1) return `${only}.in.(${keys.map(([value = ""]) => quoted(value)).join(",")})`;
  const rows = keys.map((key) => `and(${names.map((name, index) => compare(name, "eq", key[index] ?? "")).join(",")})`);
  return `or(${rows.join(",")})`;
}

/** The key of the last row in a body; undefined where the body does not end in one. */
export function lastKeyIn(body: string): Key | undefined {
  const text = body.trimEnd();
  const at = text.lastIndexOf(`"${KEY_ALIAS}0":`);
  if (at < 0 || !text.endsWith("}]")) return undefined;
  return keysIn(`[{${text.slice(at)}`)?.[0];
}

/** The keys of a body that holds nothing else; undefined where it is no such body. */
export function keysIn(body: string): Key[] | undefined {
  const rows = arrayIn(body);
  const keys = rows?.map((row) => Object.values(row ?? {}));
  return keys?.every((key) => key.length > 0 && key.every((value) => typeof value === "string"))
    ? (keys as string[][])
    : undefined;
}

function arrayIn(body: string): readonly unknown[] | undefined {
  try {
    const value: unknown = JSON.parse(body);
    return Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
