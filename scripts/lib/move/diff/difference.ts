/** What is said of two tables that differ. */

/**
 * "loses": values would be changed, cut off or left behind, or certain rows refused. "refuses": the target is stricter, and refuses
 * rows that break its rules; they go to quarantine. "differs": every value arrives as it is.
 */
export type Effect = "loses" | "refuses" | "differs";

export interface Difference {
  readonly table: string;
  /** Null where it is about the table. */
  readonly column: string | null;
  readonly effect: Effect;
  /** What differs, for people: `varchar(20) here, text at the source`. */
  readonly what: string;
}

/** A difference of one column, or of a table, before it is known which. */
export type Finding = readonly [effect: Effect, what: string];
