/**
 * Everything in order on a made-up CRM: batches 1 to 4, a dry run, checks and a search, in a database of its own that it
 * makes anew and leaves for people to look at. Ignores DATABASE_URL and .env. Exits 1 where anything is not as it should be.
 */
import { isDeepStrictEqual } from "node:util";
import { runChecks } from "./lib/checks.ts";
import { runCommand } from "./lib/cli/command.ts";
import { parseOptions } from "./lib/cli/options.ts";
import { type Address, parseAddress } from "./lib/db/address.ts";
import { type Database, withDatabase } from "./lib/db/database.ts";
import { makeCrm } from "./lib/demo/crm.ts";
import { find, queryOf, SEARCHES } from "./lib/demo/search.ts";
import { storeCrm } from "./lib/demo/store-crm.ts";
import { RunFailed } from "./lib/errors.ts";
import { withInterrupts } from "./lib/interrupts.ts";
import { isStarted, runOn } from "./lib/main.ts";
import { withOwnServer } from "./lib/own-database.ts";
import { excerpt, formatCount, formatDuration } from "./lib/report/format.ts";
import { createPrinter, type Printer } from "./lib/report/printer.ts";
import { listFolders } from "./lib/schema/folders.ts";
import type { AnyBatch } from "./lib/task.ts";
import { VERSION } from "./lib/version.ts";
import addFtsIndexes from "./migrations/add-fts-indexes.ts";
import backfillConversations from "./migrations/backfill-conversations-messages.ts";
import backfillCustomers from "./migrations/backfill-customers.ts";
import createSchema from "./migrations/create-schema.ts";

const DATABASE = "crm_demo";

const COMMAND = {
  name: "npm run demo",
  usage: `$0\n\nShows batches 1 to 4 on a made-up CRM, in the database ${DATABASE}, which it makes anew.`,
  options: {},
} as const;

/** The database of the demo, and whom to tell. */
interface Stage {
  readonly address: Address;
  readonly db: Database;
  readonly printer: Printer;
  readonly signal: AbortSignal;
}

type Stats = Readonly<Record<string, number | undefined>>;

const ACTS: readonly (readonly [heading: string, play: (stage: Stage) => Promise<unknown>])[] = [
  ["Schema", (stage) => run(stage, createSchema)],
  ["Full-text search", (stage) => run(stage, addFtsIndexes)],
  ["A made-up CRM", fillCrm],
  ["Customers", (stage) => run(stage, backfillCustomers)],
  ["Conversations and messages: dry run, then for good", rehearseAndRun],
  ["The same command again", runAgain],
  ["Checks", verify],
  ["Search", search],
  ["What is there now", count],
];

async function demo(): Promise<number> {
  const printer = createPrinter(process.stdout);
  const startedAt = performance.now();
  const onFirst = () => printer.line("Stopping.");
  await withInterrupts({ onFirst, onSecond: printer.stop }, (signal) =>
    withOwnServer("demo", printer.line, async (server) => {
      const address = parseAddress(await server.create(DATABASE));
      await withDatabase(address, { max: 2 }, (db) => play({ address, db, printer, signal }));
      printer.line(`\nAll as it should be, in ${formatDuration(performance.now() - startedAt)}.`);
      printer.line("To look into it, keep the server up with npm run db; then, in another terminal:");
      printer.line(`  psql ${address.display}`);
      printer.line("The next demo makes the database anew.");
    }),
  );
  return 0;
}

async function play(stage: Stage): Promise<void> {
  const { printer, signal } = stage;
  for (const [index, [heading, act]] of ACTS.entries()) {
    signal.throwIfAborted();
    printer.line(printer.colour.cyan(`\n=== ${index + 1}. ${heading}`));
    await act(stage);
  }
}

/** Runs a batch as its command line would; throws where it does not end with exit 0. */
async function run({ address, printer, signal }: Stage, batch: AnyBatch, ...argv: string[]): Promise<Stats> {
  const parsed = await parseOptions(batch, argv, VERSION);
  if (parsed.kind === "text") throw new Error(`These arguments run nothing: ${argv.join(" ")}`);
  const { exitCode, document, error } = await runOn(address, batch, parsed.options, { printer, signal });
  if (exitCode !== 0) throw error ?? new RunFailed(`Batch ${batch.number} ended ${document.status}.`);
  return document.stats;
}

async function fillCrm({ db, printer }: Stage): Promise<void> {
  const crm = makeCrm();
  await storeCrm(db, crm);
  const { leads, jobs, audits } = crm;
  printer.line(`${leads.length} leads, ${jobs.length} jobs, ${formatCount(audits.length)} audits`);
}

async function rehearseAndRun(stage: Stage): Promise<void> {
  const foretold = await run(stage, backfillConversations, "--dry-run");
  const done = await run(stage, backfillConversations);
  if (!isDeepStrictEqual(foretold, done)) throw new RunFailed("The run did not do what its dry run had said.");
  stage.printer.line("The run did what its dry run had said, counter by counter.");
}

async function runAgain(stage: Stage): Promise<void> {
  const { conversationsCreated, messagesCreated } = await run(stage, backfillConversations);
  if (conversationsCreated !== 0 || messagesCreated !== 0) throw new RunFailed("A second run made rows again.");
}

async function verify({ db, printer }: Stage): Promise<void> {
  const wrong: string[] = [];
  for (const { name, verify: path } of await listFolders()) {
    if (path === undefined) continue;
    const results = await runChecks(db, path);
    const failed = results.filter((result) => result.failed).map((result) => `${name}: ${result.name}`);
    wrong.push(...failed);
    printer.line(`  ${name.padEnd(44)} ${results.length - failed.length} of ${results.length} hold`);
  }
  if (wrong.length > 0) throw new RunFailed(`Checks that do not hold: ${wrong.join("; ")}.`);
}

async function search({ db, printer }: Stage): Promise<void> {
  await db.query('vacuum analyze "Message"');
  for (const one of SEARCHES) {
    const { count: hits, samples, usesIndex } = await find(db, one);
    printer.line(queryOf(one));
    printer.line(`  ${hits} messages, ${usesIndex ? `found with the index ${one.index}` : "found without an index"}`);
    for (const sample of samples) printer.line(`  > ${excerpt(sample, 80)}`);
    if (hits === 0 || !usesIndex) throw new RunFailed(`The search for "${one.words}" did not work as it should.`);
  }
}

async function count({ db, printer }: Stage): Promise<void> {
  for (const table of ["Lead", "Job", "Audit", "Customer", "Conversation", "Message", "migration_runs"]) {
    const { rows } = await db.query<{ count: string }>(`select count(*) from "${table}"`);
    printer.line(`  ${table.padEnd(16)} ${formatCount(Number(rows[0]?.count)).padStart(7)}`);
  }
}

if (isStarted(import.meta)) process.exitCode = await runCommand(COMMAND, process.argv.slice(2), demo);
