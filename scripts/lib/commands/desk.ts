/** What the commands of `scripts/migrate.ts` have in common: what each is told, and what it answers. */
import type { Options as YargsOptions } from "yargs";
import type { BatchEntry } from "../batches.ts";
import type { AnyScript } from "../composite.ts";
import type { Address } from "../db/address.ts";
import type { Printer } from "../report/printer.ts";

/** What a person types. */
export const DESK_COMMAND = "npx tsx scripts/migrate.ts";

/** What a command works with. */
export interface Desk {
  readonly address: Address;
  /** For people's lines. With `--json` they go to standard error. */
  readonly printer: Printer;
  readonly json: boolean;
  readonly verbose: boolean;
  /** Aborted on SIGINT and SIGTERM. */
  readonly signal: AbortSignal;
  /** Loads what a batch's script declares. */
  readonly loadBatch: (entry: BatchEntry) => Promise<AnyScript>;
}

/** How a command ended. */
export interface Answer {
  readonly exitCode: number;
  /** What `--json` prints. */
  readonly document: object;
  /** What went wrong, for standard error. */
  readonly error?: unknown;
}

/** The options' values, by their names with dashes; and the arguments without a name, in order. */
export interface Asked {
  readonly options: Readonly<Record<string, unknown>>;
  readonly words: readonly string[];
}

/** One command. `--json`, `--verbose` and `--help` are added to its options. */
export interface DeskCommand {
  readonly name: string;
  /** One line. */
  readonly summary: string;
  /** The arguments that stand without a `--name`, in order: those that are needed, then those that may be there. */
  readonly positional?: readonly string[];
  readonly optional?: readonly string[];
  readonly options: Readonly<Record<string, YargsOptions>>;
  run(desk: Desk, asked: Asked): Promise<Answer>;
}
