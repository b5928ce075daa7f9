/** What a batch tells besides its numbers, or in other words. */

/** What a run's document can say besides its numbers. */
export interface Details {
  /** One entry for each table, by `table`. */
  readonly tables?: readonly Readonly<Record<string, unknown>>[];
  readonly plan?: object;
}

/** What replaces a declaration's own words. */
export interface Words {
  readonly title?: string;
  readonly steps?: readonly string[];
  /** Of the statistics; `errors` among them. */
  readonly labels?: Readonly<Record<string, string>>;
}
