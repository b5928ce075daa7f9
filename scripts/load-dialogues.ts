/**
 * Loads a file of dialogues as leads, with an audit for each turn, for batches 3 and 4 to work on.
 * Safe to repeat: ids follow from the dialogues' own. One transaction: a file is loaded whole, or nothing of it.
 */
import { basename } from "node:path";
import { batchOf, commandOf } from "./lib/batches.ts";
import { runCommand } from "./lib/cli/command.ts";
import type { Address } from "./lib/db/address.ts";
import { type Queryable, withDatabase } from "./lib/db/database.ts";
import { inTransaction } from "./lib/db/transaction.ts";
import { type Dialogue, readDialogues } from "./lib/demo/dialogues.ts";
import { countForeignLeads, type Stored, storeDialogues } from "./lib/demo/store-dialogues.ts";
import { loadEnvironment } from "./lib/env.ts";
import { UserError } from "./lib/errors.ts";
import { withInterrupts } from "./lib/interrupts.ts";
import { isStarted } from "./lib/main.ts";
import { checkServer, isBatchApplied } from "./lib/preflight.ts";
import { formatCount } from "./lib/report/format.ts";
import { createPrinter, type Printer } from "./lib/report/printer.ts";
import { withTarget } from "./lib/target.ts";

const PAGE_TURNS = 2_000; // in one statement: a few hundred kilobytes

const COMMAND = {
  name: "npx tsx scripts/load-dialogues.ts",
  usage: "$0 FILE [options]\n\nLoads dialogues (.jsonl or .jsonl.gz) as leads, with an audit for each turn.",
  positional: ["FILE"],
  options: {
    "into-existing": {
      type: "boolean",
      default: false,
      describe: "also into a database with leads that this script did not make",
    },
  },
} as const;

async function load(file: string, intoExisting: boolean): Promise<number> {
  const printer = createPrinter(process.stdout);
  const onFirst = () => printer.line("Stopping; nothing of the file is kept.");
  try {
    return await withInterrupts({ onFirst, onSecond: printer.stop }, (signal) =>
      withTarget(loadEnvironment(), printer.line, (address) =>
        loadInto(address, { file, intoExisting, printer, signal }),
      ),
    );
  } finally {
    printer.stop();
  }
}

interface Job {
  readonly file: string;
  readonly intoExisting: boolean;
  readonly printer: Printer;
  readonly signal: AbortSignal;
}

function loadInto(address: Address, { file, intoExisting, printer, signal }: Job): Promise<number> {
  return withDatabase(address, { max: 2 }, async (db) => {
    await checkServer(db);
    await checkPlace(db, intoExisting);
    printer.line(`Loading ${basename(file)} into ${address.display}`);
    const stored = await inTransaction(db, {}, (tx) => storeAll(tx, { file, printer, signal }));
    printer.stop();
    printer.line(`  dialogues: ${shareOf(stored.dialogues, stored.dialoguesAdded)}`);
    printer.line(`  turns:     ${shareOf(stored.turns, stored.turnsAdded)}`);
    return 0;
  });
}

async function checkPlace(db: Queryable, intoExisting: boolean): Promise<void> {
  const schema = batchOf(1);
  if (!(await isBatchApplied(db, schema)))
    throw new UserError(`Batch 1 has not been applied to this database. Run first: ${commandOf(schema.name)}`);
  const foreign = intoExisting ? 0 : await countForeignLeads(db);
  if (foreign > 0)
    throw new UserError(
      `This database has leads of its own (${formatCount(foreign)}). Give another one in DATABASE_URL, or add --into-existing.`,
    );
}

async function storeAll(tx: Queryable, { file, printer, signal }: Omit<Job, "intoExisting">): Promise<Stored> {
  let sum: Stored = { dialogues: 0, dialoguesAdded: 0, turns: 0, turnsAdded: 0 };
  for await (const page of pagesOf(readDialogues(file))) {
    signal.throwIfAborted();
    const stored = await storeDialogues(tx, page);
    sum = {
      dialogues: sum.dialogues + stored.dialogues,
      dialoguesAdded: sum.dialoguesAdded + stored.dialoguesAdded,
      turns: sum.turns + stored.turns,
      turnsAdded: sum.turnsAdded + stored.turnsAdded,
    };
    printer.progress(`${formatCount(sum.turns)} turns of ${formatCount(sum.dialogues)} dialogues`);
  }
  return sum;
}

async function* pagesOf(dialogues: AsyncIterable<Dialogue>): AsyncGenerator<Dialogue[], void> {
  let page: Dialogue[] = [];
  let turns = 0;
  for await (const dialogue of dialogues) {
    page.push(dialogue);
    turns += dialogue.turns.length;
    if (turns < PAGE_TURNS) continue;
    yield page;
    page = [];
    turns = 0;
  }
  if (page.length > 0) yield page;
}

const shareOf = (all: number, added: number): string =>
  `${formatCount(added)} added, ${formatCount(all - added)} already there`;

/** Runs the script as its command line says; returns the exit code. */
export const loadDialogues = (argv: readonly string[]): Promise<number> =>
  runCommand(COMMAND, argv, (values, [file = ""]) => load(file, values["into-existing"] === true));

if (isStarted(import.meta)) process.exitCode = await loadDialogues(process.argv.slice(2));
