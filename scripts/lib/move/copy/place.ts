/** Where a copy stands, and its pages. */
import type { Cursor, ItemError, Page, Span } from "../../page.ts";
import type { Key, KeyRange } from "../catalog-types.ts";
import type { Later } from "../later.ts";
import type { Move } from "./tables.ts";

/**
 * "rows": after a key of a table, or before its first row. "again": among the rows of a level that were put off. "indexes"
 * and "rest": after a note of what waited for the rows. "end": all is there. Where `table` is null, the place is behind the last one.
 */
export interface Place extends Cursor {
  readonly phase: "rows" | "again" | "indexes" | "rest" | "end";
  readonly level: number;
  readonly table: string | null;
  /** As JSON. */
  readonly key: string | null;
  /** Tables before this one that `--limit` cut short, with the key up to which each is done; as JSON. */
  readonly behind?: string;
}

/** Rows of one table: a range of its keys, or some keys. */
export interface RowsPage extends Page {
  readonly kind: "rows";
  readonly table: string;
  readonly rows: KeyRange | readonly Key[];
  /** They are in quarantine, and tried again. */
  readonly wasRefused?: true;
  /** The note of rows that were put off, which these belong to. */
  readonly putOff?: string;
}

/** All that is still put off in a level, and may hold together. */
export interface KnotPage extends Page {
  readonly kind: "knot";
  readonly level: number;
}

/** Rows whose parents never came: they are refused. */
export interface OrphansPage extends Page {
  readonly kind: "orphans";
  readonly putOff: string;
  readonly refused: readonly ItemError[];
}

/** What waited for the rows: one index, or one foreign key. */
export interface LaterPage extends Page {
  readonly kind: "later";
  readonly later: Later;
  /** How it is made; undefined where the source has it no more, or does not show it. */
  readonly sql: string | undefined;
}

/** What is to be done once everything is there. */
export interface EndPage extends Page {
  readonly kind: "end";
}

export type CopyPage = RowsPage | KnotPage | OrphansPage | LaterPage | EndPage;

/** A copy's stages: each level's rows, and those that were put off, if rows of it can be; then what waited for them; the end. */
export const stagesOf = ({ levels }: Move): Span[] => [
  ...levels.flatMap((tables, level) => {
    const rows = {
      after: place("rows", level, tables[0]?.table.name ?? null),
      until: place("rows", level, null),
    };
    const again = { after: place("again", level, null), until: null };
    return tables.some(({ loops }) => loops.length > 0) ? [rows, again] : [rows];
  }),
  ...(["indexes", "rest", "end"] as const).map((phase) => ({ after: place(phase, levels.length, null), until: null })),
];

export const place = (phase: Place["phase"], level: number, table: string | null, key: Key | null = null): Place => ({
  phase,
  level,
  table,
  key: key && JSON.stringify(key),
});

/** The same place once a table is done up to a key: the place itself moves, or what lies behind it. */
export function placeAfter(from: Place, table: string, key: Key): Place {
  const behind = behindIn(from);
  const own = behind.findIndex(([name]) => name === table);
  if (own < 0) return { ...from, ...place("rows", from.level, table, key) };
  return { ...from, behind: JSON.stringify(behind.with(own, [table, key])) };
}

/** The same place, with a table behind it that is done up to a key. */
export const leaveBehind = (from: Place, table: string, key: Key): Place => ({
  ...from,
  behind: JSON.stringify([...behindIn(from).filter(([name]) => name !== table), [table, key]]),
});

/** Tables that were cut short before a place. */
export const behindIn = ({ behind }: Place): (readonly [string, Key])[] =>
  behind === undefined ? [] : (JSON.parse(behind) as [string, Key][]);

/** Where a span begins. */
export const beginOf = ({ after }: Span): Place => after as Place;

export const keyOfPlace = (at: Pick<Place, "key"> | null): Key | null => (at?.key ? (JSON.parse(at.key) as Key) : null);

/** What names a row in the quarantine: `["clients","17"]`. */
export const itemKey = (table: string, key: Key): string => JSON.stringify([table, ...key]);

/** The table and the key that `itemKey` was made of. */
export function fromItemKey(text: string): { readonly table: string; readonly key: Key } {
  const [table = "", ...key] = JSON.parse(text) as string[];
  return { table, key };
}

export const isRange = (rows: RowsPage["rows"]): rows is KeyRange => !Array.isArray(rows);

/** The page as one of rows that leave the quarantine when they are stored. */
export function again(page: RowsPage): RowsPage {
  const { table, rows } = page;
  const settles = isRange(rows) ? [itemKey(table, [])] : rows.map((key) => itemKey(table, key));
  return { ...page, wasRefused: true, settles };
}
