/**
 * Batches whose work is several runs, one after the other: each is a subcommand, and a run of its own under the batch's name. Without
 * a subcommand all of them run, from the one on that an interrupted run stopped in.
 */
import type { Options as YargsOptions } from "yargs";
import type { Address } from "./db/address.ts";
import { withDatabase } from "./db/database.ts";
import { loadCheckpoint } from "./journal/checkpoint.ts";
import { hasJournal, type Stats } from "./journal/runs.ts";
import type { Conclusion } from "./outcome.ts";
import type { Document } from "./report/document.ts";
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

/** Runs the subcommand that is asked for, or all in order until one does not end well. */
export async function runComposite(
  script: AnyComposite,
  options: CommonOptions & Subcommanded,
  around: Around,
  run: (batch: AnyBatch, options: CommonOptions) => Promise<Conclusion>,
): Promise<Conclusion> {
  const shared = await script.open(options, around);
  const conclusions: Conclusion[] = [];
  try {
    for (const { name, readsOnly = false, declare } of await subcommandsOf(script, options, around)) {
      around.signal.throwIfAborted();
      const its = { ...options, step: name, dryRun: options.dryRun || readsOnly };
      const conclusion = await run(await declare(shared, its), its);
      conclusions.push(conclusion);
      if (conclusion.exitCode !== 0 || conclusion.ended === "limit") break;
    }
  } finally {
    await shared.close();
  }
  return together(script, options, conclusions);
}

async function subcommandsOf(
  script: AnyComposite,
  options: CommonOptions & Subcommanded,
  { address, say }: Around,
): Promise<readonly AnyComposite["subcommands"][number][]> {
  const all = script.subcommands;
  const named = options.step ?? (options.retryErrors ? script.retries : undefined);
  if (named !== undefined) return all.filter(({ name }) => name === named);
  if (options.dryRun) {
    const [later] = all.filter(({ looksBack }) => looksBack);
    if (later !== undefined) say(`A rehearsal of all ends before ${later.name}, which looks at what was stored.`);
    return all.filter(({ looksBack }) => !looksBack);
  }
  const waiting = options.restart ? undefined : await waitingIn(script, address);
  if (waiting !== undefined) say(`Going on with ${waiting}, which an earlier run did not finish.`);
  return all.slice(
    Math.max(
      0,
      all.findIndex(({ name }) => name === waiting),
    ),
  );
}

/** The subcommand in which an interrupted run stopped. */
const waitingIn = ({ name }: AnyComposite, address: Address): Promise<string | undefined> =>
  withDatabase(address, { max: 1, readOnly: true }, async (db) =>
    (await hasJournal(db)) ? (await loadCheckpoint(db, name))?.selection.step : undefined,
  );

/** One document for all of them: the numbers together, each one's own inside. The last one's end is the end. */
function together(script: AnyComposite, options: Subcommanded, conclusions: readonly Conclusion[]): Conclusion {
  const [first] = conclusions;
  const last = conclusions.at(-1);
  if (first === undefined || last === undefined) throw new Error(`${script.name} has no subcommand ${options.step}.`);
  if (options.step !== undefined) return last;
  const documents = conclusions.map(({ document }) => document);
  const durationMs = documents.reduce((sum, document) => sum + document.durationMs, 0);
  const stats = script.stats(documents.map((document) => document.stats));
  const mode = documents.some((one) => one.mode === "write") ? "write" : "dry-run";
  const { startedAt } = first.document;
  const tables = tablesOf(documents, script.sums);
  return {
    ...last,
    document: { ...last.document, mode, startedAt, durationMs, stats, ...tables, subcommands: documents },
  };
}

/** What each says of a table, put together. */
function tablesOf(documents: readonly Document[], sums: readonly string[]): Pick<Document, "tables"> {
  const tables = new Map<unknown, Readonly<Record<string, unknown>>>();
  for (const about of documents.flatMap((document) => document.tables ?? [])) {
    const before = tables.get(about.table);
    const summed = sums
      .filter((name) => name in about)
      .map((name) => [name, Number(before?.[name] ?? 0) + Number(about[name])]);
    tables.set(about.table, { ...before, ...about, ...Object.fromEntries(summed) });
  }
  return tables.size === 0 ? {} : { tables: [...tables.values()] };
}
