/** Runs a batch of several runs: the one that is asked for, or all of them. */
import type { AnyComposite, Around, Subcommanded } from "./composite.ts";
import type { Address } from "./db/address.ts";
import { withDatabase } from "./db/database.ts";
import { loadCheckpoint } from "./journal/checkpoint.ts";
import { hasJournal } from "./journal/runs.ts";
import { notBegun } from "./not-begun.ts";
import type { Conclusion } from "./outcome.ts";
import type { Document } from "./report/document.ts";
import type { AnyBatch, CommonOptions } from "./task.ts";

type Subcommands = AnyComposite["subcommands"];
type Run = (batch: AnyBatch, options: CommonOptions) => Promise<Conclusion>;

/** Runs the subcommand that is asked for, or all in order until one does not end well. */
export async function runComposite(
  script: AnyComposite,
  options: CommonOptions & Subcommanded,
  around: Around,
  run: Run,
): Promise<Conclusion> {
  const shared = await script.open(options, around);
  const conclusions: Conclusion[] = [];
  const runOne = async ({ name, readsOnly, declare }: Subcommands[number]): Promise<Conclusion> => {
    const its = { ...options, step: name, dryRun: options.dryRun || readsOnly === true };
    const startedAt = new Date();
    const begin = async () => {
      const batch = await declare(shared, its);
      around.signal.throwIfAborted(); // what only reads may have gone on to its end: nothing is begun behind it
      return run(batch, its);
    };
    const conclusion = await begin().catch((error: unknown) => {
      if (conclusions.length === 0) throw error;
      return notBegun(script, its, startedAt, error);
    });
    conclusions.push(conclusion);
    return conclusion;
  };
  try {
    await runInOrder(script, await subcommandsOf(script, options, around), runOne);
  } finally {
    await shared.close();
  }
  return together(script, options, conclusions);
}

/** A judge that is not content stops nobody; what came behind it may have mended what it found, or stored more to be judged. */
async function runInOrder(
  script: AnyComposite,
  subcommands: Subcommands,
  runOne: (subcommand: Subcommands[number]) => Promise<Conclusion>,
): Promise<void> {
  let judge: Subcommands[number] | undefined;
  for (const [index, subcommand] of subcommands.entries()) {
    const { exitCode, ended, document } = await runOne(subcommand);
    const isDiscontent = subcommand.judges === true && document.status === "completed_with_errors";
    if (isDiscontent && index < subcommands.length - 1) judge = subcommand;
    else if ((exitCode !== 0 && !(subcommand.movesNothing && hasOnlyQuarantine(document))) || ended === "limit") return;
    else if (script.stored(document.stats)) judge ??= subcommands.slice(0, index).find(({ judges }) => judges);
  }
  if (judge !== undefined) await runOne(judge);
}

const hasOnlyQuarantine = ({ status, problems }: Document): boolean =>
  status === "completed_with_errors" && problems === undefined;

async function subcommandsOf(
  script: AnyComposite,
  options: CommonOptions & Subcommanded,
  { address, say }: Around,
): Promise<Subcommands> {
  const all = script.subcommands;
  const named = options.step ?? (options.retryErrors ? script.retries : undefined);
  if (named !== undefined) return all.filter(({ name }) => name === named);
  const waiting = options.restart ? undefined : await waitingIn(script, address);
  if (waiting !== undefined) say(`Going on with ${waiting}, which an earlier run did not finish.`);
  const left = all.slice(Math.max(0, all.map(({ name }) => name).indexOf(waiting ?? "")));
  const later = options.dryRun ? left.find(({ name, looksBack }) => looksBack && name !== waiting) : undefined;
  if (later === undefined) return left;
  say(`A rehearsal of all ends before ${later.name}, which looks at what was stored.`);
  return left.slice(0, left.indexOf(later));
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
