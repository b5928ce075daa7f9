import type { Queryable } from "../db/database.ts";
import type { Catalog, Key, KeyRange, Table } from "./catalog-types.ts";
import type { Form } from "./copy/form.ts";

/** The connection of a page's transaction on the target. */
export type TargetConnection = Queryable;

/** Where a page of a range ends, and how many rows it holds. */
export interface Cut {
  readonly until: Key;
  readonly rows: number;
}

/**
 * A database to be moved, as it is read. Ranges are in the order of the table's primary key at the source, whatever its types and
 * collations. A table that it is given may list fewer columns than the source has: those are what is read.
 */
export interface Source {
  readonly kind: "direct" | "postgrest";
  /** For people: without any secret. */
  readonly display: string;
  catalog(): Promise<Catalog>;
  /** Exact number of rows of a range, as this source's role sees them. */
  count(table: Table, range: KeyRange): Promise<number>;
  /** The first page of about `items` rows of a range: its last key and its number of rows; undefined where the range holds none. */
  cut(table: Table, range: KeyRange, items: number): Promise<Cut | undefined>;
  /** The keys of a range's rows, in order. A dry run asks for them, a page at a time. */
  keys(table: Table, range: KeyRange): Promise<readonly Key[]>;
  /**
   * Puts the range's rows into the table `into` of the target, quoted already, as part of its transaction; columns by name. Returns
   * how many there were. Values go through unparsed, never through a JavaScript number or Date: as text, or where a direct source is
   * asked for it, in their binary form.
   */
  load(tx: TargetConnection, table: Table, range: KeyRange, into: string, form?: Form): Promise<number>;
  /** The same with the rows that have these keys; keys that are gone are left out. */
  loadKeys(tx: TargetConnection, table: Table, keys: readonly Key[], into: string): Promise<number>;
  close(): Promise<void>;
}
