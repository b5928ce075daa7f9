/**
 * What a script declares. `run.ts` drives it: options, lock, transactions, checkpoint, quarantine, report and Audit record
 * are the same for every batch.
 *
 *   batch       one numbered unit of change: a script, and a folder of `prisma/migrations/`
 *   page        the items that one transaction handles: a range of keys inside the database, or a list that was fetched
 *   cursor      where the batch stands in its source after a page; saved in the page's own transaction
 *   quarantine  the items that failed, each with its key and reason
 */
import type { Options as YargsOptions } from "yargs";
import type { CommonOptions, Context, PageContext } from "./context.ts";
import type { Queryable } from "./db/database.ts";
import type { Cursor, Demand, Page, PageItems, PageResult, Span, Total, Totals } from "./page.ts";
import type { Details, Words } from "./telling.ts";

export type * from "./context.ts";
export type * from "./page.ts";
export type * from "./telling.ts";

/** "end": the source has no more. "limit": `--limit` cut it short, and the checkpoint stays. */
export type Ended = "end" | "limit";

/** The pages of a batch whose work is done item by item, or range by range. */
export interface Pages<P extends Page, Own> {
  /** Stretches of the source of which each ends before the next begins; without it there is one, and it is open. */
  stages?(context: Context<Own>): readonly Span[];
  /** How many items lie in these stretches. */
  count?(context: Context<Own>, spans: readonly Span[]): Promise<Total>;
  /** How large its pages are. Without it they are as large as `pages` likes. */
  pageItems?(context: Context<Own>): PageItems;
  pages(context: Context<Own>, span: Span, demand: Demand): AsyncGenerator<P, Ended>;
  /**
   * Cursors that cut a span into about `parts` equal stretches, which workers can store at the same time; fewer, or none, where
   * it holds less than `parts` times `items`. Without it one worker does everything.
   */
  divide?(context: Context<Own>, span: Span, parts: number, items: number): Promise<readonly Cursor[]>;
  /** Pages of at most `items` that hold the items with these keys, and no others; items that are gone are left out. */
  pagesOf(context: Context<Own>, keys: readonly string[], items: number): AsyncGenerator<P, Ended>;
  /** Two halves of a page of two or more items; the first half's cursor lies between. */
  split(context: Context<Own>, page: P): Promise<readonly P[]>;
  /** Counts what `apply` would do. Runs in a READ ONLY transaction. */
  plan(tx: Queryable, page: P, context: PageContext<Own>): Promise<PageResult>;
  /** Stores the page. Runs in the transaction that also saves the cursor; safe to repeat. */
  apply(tx: Queryable, page: P, context: PageContext<Own>): Promise<PageResult>;
  /**
   * The keys of at most `limit` items that count and are neither stored nor have a reason not to be: those that arrived behind the
   * cursor.
   */
  missing?(tx: Queryable, context: Context<Own>, search: Search): Promise<readonly string[]>;
}

/** What `missing` looks for. */
export interface Search {
  readonly limit: number;
  /** Only these keys are meant. */
  readonly among?: readonly string[];
  /** Items of these stretches are not meant: they are still ahead. */
  readonly outside?: readonly Span[];
}

/** A batch's tables, indexes and functions. Both answer with the same numbers. */
export interface Schema<Own> {
  /** Lists what `apply` would make. Only reads; works on an empty database and with a role that may only read. */
  plan(context: Context<Own>): Promise<PageResult>;
  /** Makes what is missing. Runs under the script's lock, before the first page. */
  apply(context: Context<Own>): Promise<PageResult>;
}

interface Declaration<Own, Label extends string> {
  readonly number: number;
  /** The script's file name without `.ts`: names its folder, lock, checkpoint and, with underscores, its Audit action. */
  readonly name: string;
  readonly title: string;
  /** What its items are, in the plural: "audits". */
  readonly unit: string;
  /** Batches that must be applied first: without them the script ends with exit 2. */
  readonly requires: readonly number[];
  /** Batches that had better be applied first: without them one line says so. */
  readonly advises?: readonly number[];
  /** The script's own options, as yargs declares them. */
  readonly options?: Readonly<Record<string, YargsOptions>>;
  /** Checks the options against the database, before anything else is done; a UserError says what is allowed. */
  check?(context: Context<Own>): Promise<void>;
  /** The options that select items, as they are saved with the checkpoint: one belongs to the other. */
  selection?(options: Own): Record<string, string>;
  /** Headings, in order. The first stands before the count, the last before the Audit record. */
  readonly steps: readonly string[];
  /** The folder of `prisma/migrations/` that carries its name, unless it says otherwise. */
  readonly schema?: Schema<Own>;
  /** The reasons for which items may be skipped; each is reported, also when it is 0. */
  readonly skips: readonly string[];
  /** The statistics that it reports, in order, each with its label in the summary. */
  readonly labels: Readonly<Record<Label, string>>;
  /** It runs in the background: each line of its log has its time. */
  readonly timed?: boolean;
  /** What people read in another language than English, where an option asks for it. */
  words?(options: Own): Words;
  /** The statistics of a run that has taken so many milliseconds; `errors` is added by the runner. */
  stats(totals: Totals, elapsedMs: number): Readonly<Partial<Record<Label, number>>>;
  /** Ends what `schema.apply` began, however the run ended; still under the script's lock. Not called in a dry run. */
  close?(context: Context<Own>): Promise<void>;
  /** What the run's document says besides: of each of its tables, say. */
  details?(totals: Totals): Details;
  /** A hint for the end of a run that found nothing. */
  hint?(context: Context<Own>): Promise<string | undefined>;
  /** What is to run once this has completed or has to wait, on the same database and in a run of its own. */
  follow?(options: CommonOptions & Own): Follow | undefined;
}

/** A batch that follows another. */
export interface Follow {
  readonly batch: AnyBatch;
  /** Its command line; `--dry-run` and `--verbose` are handed on besides. */
  readonly argv: readonly string[];
  /** What its numbers add to those of the first. */
  stats(stats: Readonly<Record<string, number>>): Readonly<Record<string, number>>;
}

/** A batch whose whole work is its schema. */
export interface SchemaBatch<Own = unknown, Label extends string = string> extends Declaration<Own, Label> {
  readonly schema: Schema<Own>;
  readonly pages?: undefined;
}

/** A batch that works page by page. */
export interface PagedBatch<P extends Page = Page, Own = unknown, Label extends string = string>
  extends Declaration<Own, Label>,
    Pages<P, Own> {}

export type Batch<P extends Page = Page, Own = unknown, Label extends string = string> =
  | SchemaBatch<Own, Label>
  | PagedBatch<P, Own, Label>;

/** Only pins down the types; returns its argument. */
export const defineBatch = <P extends Page, Own, Label extends string>(
  batch: PagedBatch<P, Own, Label>,
): PagedBatch<P, Own, Label> => batch;

/** The same for a batch without pages. */
export const defineSchemaBatch = <Own, Label extends string>(batch: SchemaBatch<Own, Label>): SchemaBatch<Own, Label> =>
  batch;

// For code that drives batches without looking into their pages: pages and options are both consumed and produced,
// so that unknown does not fit.
// biome-ignore lint/suspicious/noExplicitAny: see above.
export type AnyPagedBatch = PagedBatch<any, any, any>;
// biome-ignore lint/suspicious/noExplicitAny: see above.
export type AnyBatch = AnyPagedBatch | SchemaBatch<any, any>;
