/**
 * Measures batch 4 against one hand-written statement, on reference data that is made inside a database of its own.
 * Ignores DATABASE_URL and .env. Exits 1 where the two did not write the same conversations and messages.
 */
import { isDeepStrictEqual } from "node:util";
import { type Measured, measure, measureScript } from "./lib/bench/measure.ts";
import { buildReference, type Fingerprint, fingerprintOf, type Size, writeByHand } from "./lib/bench/reference.ts";
import { runCommand } from "./lib/cli/command.ts";
import { wholeNumber } from "./lib/cli/values.ts";
import { RunFailed } from "./lib/errors.ts";
import { isStarted } from "./lib/main.ts";
import { type OwnServer, withOwnServer } from "./lib/own-database.ts";
import { formatCount, formatDuration } from "./lib/report/format.ts";
import { createPrinter, type Printer } from "./lib/report/printer.ts";

const BATCH = "backfill-conversations-messages";
const OURS = "crm_bench";
const RIVALS = "crm_bench_by_hand";

const MEGABYTE = 1_000_000;

const COMMAND = {
  name: "npm run bench --",
  usage: "$0 [options]\n\nMeasures batch 4 against one hand-written statement, on made-up data.",
  options: {
    audits: { ...wholeNumber("--audits", { min: 1, max: 100_000_000 }), describe: "audits (default 1000000)" },
    leads: { ...wholeNumber("--leads", { min: 1, max: 10_000_000 }), describe: "leads (default 50000)" },
  },
} as const;

type Row = readonly [what: string, measured: Measured];

async function bench(size: Size): Promise<number> {
  const printer = createPrinter(process.stdout);
  await withOwnServer("bench", printer.line, async (server) => {
    try {
      await compare(server, size, printer);
    } finally {
      await server.drop(RIVALS);
      await server.drop(OURS);
    }
  });
  return 0;
}

async function compare(server: OwnServer, size: Size, printer: Printer): Promise<void> {
  const ours = await server.create(OURS);
  printer.line(`Making ${formatCount(size.audits)} audits of ${formatCount(size.leads)} leads...`);
  const built = await measure(() => buildReference(ours, size));
  const rivals = await server.create(RIVALS, OURS);
  printer.line(`  in ${formatDuration(built.ms)}`);

  printer.line("Measuring...");
  const byHand = await measure(() => writeByHand(rivals));
  const dryRun = await measureScript(BATCH, ["--dry-run"], ours);
  const run = await measureScript(BATCH, [], ours);
  checkSame(await fingerprintOf(rivals), await fingerprintOf(ours));
  const again = await measureScript(BATCH, [], ours);

  const { messagesCreated, conversationsCreated } = run.document.stats;
  printer.line(
    `Both wrote the same ${formatCount(messagesCreated ?? 0)} messages and ${formatCount(conversationsCreated ?? 0)} conversations.`,
  );
  printTable(printer, byHand, [
    ["hand-written statement", byHand],
    ["batch 4, dry run", dryRun],
    ["batch 4", run],
    ["batch 4 again", again],
  ]);
}

function checkSame(expected: Fingerprint | undefined, actual: Fingerprint | undefined): void {
  if (isDeepStrictEqual(expected, actual)) return;
  throw new RunFailed(
    `The statement and the batch wrote different rows: ${JSON.stringify(expected)} and ${JSON.stringify(actual)}.`,
  );
}

function printTable(printer: Printer, base: Measured, rows: readonly Row[]): void {
  printer.line(`${"".padEnd(24)}${"seconds".padStart(10)}${"ratio".padStart(8)}${"peak memory".padStart(14)}`);
  for (const [what, { ms, peakBytes }] of rows) {
    const peak = peakBytes === undefined ? "-" : `${Math.round(peakBytes / MEGABYTE)} MB`;
    printer.line(
      `${what.padEnd(24)}${(ms / 1000).toFixed(1).padStart(10)}${(ms / base.ms).toFixed(2).padStart(8)}${peak.padStart(14)}`,
    );
  }
}

/** Runs the script as its command line says; returns the exit code. */
export const main = (argv: readonly string[]): Promise<number> =>
  runCommand(COMMAND, argv, ({ audits, leads }) =>
    bench({ audits: (audits as number | undefined) ?? 1_000_000, leads: (leads as number | undefined) ?? 50_000 }),
  );

if (isStarted(import.meta)) process.exitCode = await main(process.argv.slice(2));
