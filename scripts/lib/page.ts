/** Pages: where they lie in a source, how large they are, and what became of their items. */

/** Where a batch stands in its source. Stored as JSON; timestamps and bigints travel as text, so that no digit is lost. */
export type Cursor = { readonly [name: string]: string | number | boolean | null };

/** A stretch of a source, in the order of its keys: after one cursor, up to another. An end that is null is open. */
export interface Span {
  readonly after: Cursor | null;
  readonly until: Cursor | null;
}

/** What the runner asks of whoever cuts pages. */
export interface Demand {
  /** How many items the next page is to hold: it follows the time that pages take. */
  readonly items: number;
  /** How many more of what `--limit` counts may be taken; Infinity without it. Whoever cuts pages counts it down. */
  left: number;
}

/** How many items a page may hold. */
export interface PageItems {
  readonly first: number;
  readonly least: number;
  readonly most: number;
}

export interface Page {
  /** Where the batch stands once this page is stored. */
  readonly cursor: Cursor;
  /** How many items it held when it was cut. Live writes may have added to a range since. */
  readonly size: number;
  /** The item's key in the quarantine. Asked for when `size` is 1. */
  readonly key?: string;
  /** Which of the batch's `steps` it belongs to, by index. */
  readonly step?: number;
  /** Items that the source could not make: they go to quarantine with the page. */
  readonly refused?: readonly ItemError[];
  /** Keys that leave the quarantine once the page is stored. */
  readonly settles?: readonly string[];
}

/** What went wrong with an item: its key at the source, a code (SQLSTATE, or the source's own), and one line. */
export interface ItemError {
  readonly key: string;
  readonly code: string;
  readonly message: string;
}

/**
 * What became of a page's items. The sum must close:
 * fetched = created + updated + unchanged + skipped + quarantined.
 */
export interface PageResult {
  readonly fetched: number;
  readonly created?: number;
  readonly updated?: number;
  readonly unchanged?: number;
  /** By reason, in camelCase. */
  readonly skipped?: Readonly<Record<string, number>>;
  readonly quarantined?: number;
  /** Whatever else the batch counts. */
  readonly counters?: Readonly<Record<string, number>>;
  /** What people read about it: one line for each item with `--verbose`, or what a batch says about each of its own units. */
  readonly lines?: readonly string[];
  /** What is not as it should be and can't be tried again alone: a conversation that is not known to be whole, say. The run exits 1. */
  readonly problems?: readonly ItemError[];
}

/** A run's pages added up; every field is there. */
export interface Totals {
  fetched: number;
  created: number;
  updated: number;
  unchanged: number;
  skipped: Record<string, number>;
  quarantined: number;
  counters: Record<string, number>;
}

/** How many items there are: counted, or taken from the planner's statistics. */
export interface Total {
  readonly items: number;
  readonly exact: boolean;
}
