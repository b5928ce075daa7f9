/**
 * Batches whose work is several runs, one after the other: each is a subcommand, and a run of its own under the batch's name. Without
 * a subcommand all of them run, from the one on that an interrupted run stopped in.
 */
import type { Options as YargsOptions } from "yargs";
import type { Address } from "./db/address.ts";
import type { Stats } from "./journal/runs.ts";
import type { AnyBatch, CommonOptions } from "./task.ts";

/** What a composite batch is told when it opens what its subcommands share. */
export interface Around {
  /** The database that is written. */
  readonly address: Address;
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
}

export interface Shared {
  close(): Promise<void>;
}

export interface Subcommand<S extends Shared> {
  readonly name: string;
  /** One line. */
  readonly summary: string;
  /** It is always a rehearsal: it writes nothing. */
  readonly readsOnly?: true;
  /** It looks at what the earlier ones have stored, so that a rehearsal of all leaves it out. */
  readonly looksBack?: true;
  /** It only judges: where it finds something, the others go on, and it runs again behind them; also where they stored anything. */
  readonly judges?: true;
  /** It moves nothing: what earlier runs left in quarantine does not keep the others from going on. */
  readonly movesNothing?: true;
  /** The run that it is. Asked for when the earlier ones have ended. */
  declare(shared: S, options: CommonOptions): Promise<AnyBatch>;
}

/** Declares a batch of several runs. */
export interface CompositeBatch<S extends Shared = Shared, Own = unknown, Label extends string = string> {
  readonly number: number;
  readonly name: string;
  readonly title: string;
  readonly requires: readonly number[];
  readonly options: Readonly<Record<string, YargsOptions>>;
  readonly skips: readonly string[];
  readonly labels: Readonly<Record<Label, string>>;
  readonly timed?: undefined;
  /** In their order. */
  readonly subcommands: readonly Subcommand<S>[];
  /** What `--retry-errors` runs where no subcommand is named. */
  readonly retries: string;
  /** Throws a UserError for options that don't go together. */
  open(options: CommonOptions & Own, around: Around): Promise<S>;
  /** Whether a run with these numbers stored anything. */
  stored(stats: Stats): boolean;
  /** The numbers of several subcommands, in their order, as those of one run. */
  stats(all: readonly Stats[]): Stats;
  /** Which numbers of a table add up; of all else that is said of it, what a later subcommand says holds. */
  readonly sums: readonly string[];
}

export const defineComposite = <S extends Shared, Own, Label extends string>(
  batch: CompositeBatch<S, Own, Label>,
): CompositeBatch<S, Own, Label> => batch;

// biome-ignore lint/suspicious/noExplicitAny: see AnyBatch.
export type AnyComposite = CompositeBatch<any, any, any>;

/** What a script can declare. */
export type AnyScript = AnyBatch | AnyComposite;

export const isComposite = (script: AnyScript): script is AnyComposite => "subcommands" in script;

/** The subcommand of a run, as its options are recorded. */
export interface Subcommanded {
  readonly step?: string;
}
