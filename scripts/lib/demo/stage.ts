/** What demos share: a database of their own, acts one after the other, batches run as their command lines would. */
import { isDeepStrictEqual } from "node:util";
import { BATCHES } from "../batches.ts";
import { runChecks } from "../checks.ts";
import type { AnyScript } from "../composite.ts";
import { type Address, parseAddress } from "../db/address.ts";
import { type Database, withDatabase } from "../db/database.ts";
import { quoteName } from "../db/quote.ts";
import { RunFailed } from "../errors.ts";
import { withInterrupts } from "../interrupts.ts";
import { runArguments } from "../main.ts";
import type { Conclusion } from "../outcome.ts";
import { withOwnServer } from "../own-database.ts";
import { isBatchApplied } from "../preflight.ts";
import { formatCount, formatDuration } from "../report/format.ts";
import { createPrinter, type Printer } from "../report/printer.ts";
import { listFolders } from "../schema/folders.ts";

/** The database of the demo, and whom to tell. */
export interface Stage {
  readonly address: Address;
  readonly db: Database;
  /** Another database, where the demo asks for one. */
  readonly other: Address | undefined;
  readonly printer: Printer;
  readonly signal: AbortSignal;
}

export type Act = readonly [heading: string, play: (stage: Stage) => Promise<unknown>];

export type Stats = Readonly<Record<string, number | undefined>>;

/** What differs between two runs that do the same. */
const INCIDENTAL = ["requests", "waitedSeconds", "durationSeconds"];

/** Plays the acts on a database of this name, which it makes anew and leaves to be looked at; so it does with `another`. */
export async function playOn(
  database: string,
  purpose: string,
  acts: readonly Act[],
  another?: string,
): Promise<number> {
  const printer = createPrinter(process.stdout);
  const startedAt = performance.now();
  const onFirst = () => printer.line("Stopping.");
  await withInterrupts({ onFirst, onSecond: printer.stop }, (signal) =>
    withOwnServer(purpose, printer.line, async (server) => {
      const address = parseAddress(await server.create(database));
      const other = another === undefined ? undefined : parseAddress(await server.create(another));
      await withDatabase(address, { max: 2 }, (db) => play({ address, other, db, printer, signal }, acts));
      printer.line(`\nAll as it should be, in ${formatDuration(performance.now() - startedAt)}.`);
      printer.line("To look into it, keep the server up with npm run db; then, in another terminal:");
      printer.line(`  psql ${address.display}`);
      printer.line("The next demo makes the database anew.");
    }),
  );
  return 0;
}

async function play(stage: Stage, acts: readonly Act[]): Promise<void> {
  const { printer, signal } = stage;
  for (const [index, [heading, act]] of acts.entries()) {
    signal.throwIfAborted();
    printer.line(printer.colour.cyan(`\n=== ${index + 1}. ${heading}`));
    await act(stage);
  }
}

/** Runs a batch as its command line would; throws where it does not end with exit 0. */
export async function run(stage: Stage, batch: AnyScript, ...argv: string[]): Promise<Stats> {
  const { exitCode, document, error } = await tryToRun(stage, batch, ...argv);
  if (exitCode !== 0) throw error ?? new RunFailed(`Batch ${batch.number} ended ${document.status}.`);
  return document.stats;
}

/** Runs a batch as its command line would, and says how that ended. */
export const tryToRun = (
  { address, printer, signal }: Stage,
  batch: AnyScript,
  ...argv: string[]
): Promise<Conclusion> => runArguments(address, batch, argv, { printer, signal });

/** Runs a batch dry, then for good, and compares what both counted. */
export async function rehearseAndRun(stage: Stage, batch: AnyScript, ...argv: string[]): Promise<Stats> {
  const foretold = await run(stage, batch, ...argv, "--dry-run");
  const done = await run(stage, batch, ...argv);
  if (!isDeepStrictEqual(essential(foretold), essential(done)))
    throw new RunFailed("The run did not do what its dry run had said.");
  stage.printer.line("The run did what its dry run had said, counter by counter.");
  return done;
}

const essential = (stats: Stats): Stats =>
  Object.fromEntries(Object.entries(stats).filter(([name]) => !INCIDENTAL.includes(name)));

/** Runs the checks of all batches that are applied. */
export async function verify({ db, printer }: Stage): Promise<void> {
  const applied: string[] = [];
  for (const batch of BATCHES) if (await isBatchApplied(db, batch)) applied.push(...batch.folders);
  const wrong: string[] = [];
  for (const { name, verify: path } of await listFolders()) {
    if (path === undefined || !applied.includes(name)) continue;
    const results = await runChecks(db, path);
    const failed = results.filter((result) => result.failed).map((result) => `${name}: ${result.name}`);
    wrong.push(...failed);
    printer.line(`  ${name.padEnd(44)} ${results.length - failed.length} of ${results.length} hold`);
  }
  if (wrong.length > 0) throw new RunFailed(`Checks that do not hold: ${wrong.join("; ")}.`);
}

/** Says how many rows these tables have. */
export async function count({ db, printer }: Stage, tables: readonly string[]): Promise<void> {
  for (const table of tables) {
    const { rows } = await db.query<{ count: string }>(`select count(*) from ${quoteName(table)}`);
    printer.line(`  ${table.padEnd(16)} ${formatCount(Number(rows[0]?.count)).padStart(7)}`);
  }
}
