/** `verify`: what the checks of the batches find wrong. Only reads; what could not be looked at counts as wrong. */
import { BATCHES, type BatchEntry } from "../batches.ts";
import type { CheckResult } from "../checks.ts";
import { wholeNumber } from "../cli/values.ts";
import type { Database } from "../db/database.ts";
import { UserError } from "../errors.ts";
import { isBatchApplied } from "../preflight.ts";
import { entryNamed } from "./batch-number.ts";
import type { Answer, Asked, Desk, DeskCommand } from "./desk.ts";
import { wrap } from "./lines.ts";
import { withReader } from "./reader.ts";
import { checkBatch } from "./verify/check-batch.ts";
import { documentOf, linesOf, sumOf } from "./verify/lines.ts";

const SAMPLE = 5;

/** What was found in one batch. */
interface Verified {
  readonly entry: BatchEntry;
  readonly checks: readonly CheckResult[];
}

export const verify: DeskCommand = {
  name: "verify",
  summary: "Look for what is wrong in the batches that are applied.",
  optional: ["BATCH…"],
  options: {
    sample: {
      ...wholeNumber("--sample", { min: 1, max: 1_000 }),
      describe: `show this many of the rows that a check finds (default ${SAMPLE})`,
    },
  },
  run: verifyBatches,
};

function verifyBatches(desk: Desk, { options, words }: Asked): Promise<Answer> {
  const named = namedIn(words);
  const sample = Number(options.sample ?? SAMPLE);
  return withReader(desk, async (db) => {
    const { applied, missing } = await sortOut(db, named);
    if (named.length > 0 && missing.length > 0)
      throw new UserError(`Not applied to this database: ${namesOf(missing)}. Name others, or run verify alone.`);
    const verified: Verified[] = [];
    for (const entry of applied) {
      const checks = await checkBatch(db, entry, { sample, signal: desk.signal });
      verified.push({ entry, checks });
      print(desk, { entry, checks });
    }
    return conclude(desk, verified, missing);
  });
}

/** "4 5" and "4,5" alike, in the batches' order. */
function namedIn(words: readonly string[]): BatchEntry[] {
  const named = words.flatMap((word) => word.split(",")).map((word) => entryNamed(word));
  return BATCHES.filter((entry) => named.includes(entry));
}

async function sortOut(db: Database, named: readonly BatchEntry[]) {
  const [applied, missing]: [BatchEntry[], BatchEntry[]] = [[], []];
  for (const entry of named.length > 0 ? named : BATCHES)
    ((await isBatchApplied(db, entry)) ? applied : missing).push(entry);
  return { applied, missing };
}

function print({ printer, verbose }: Desk, { entry, checks }: Verified): void {
  const { cyan, red, yellow } = printer.colour;
  printer.line(cyan(`Batch ${entry.number}, ${entry.name}: ${sumOf(checks)}`));
  for (const check of checks)
    for (const [index, line] of linesOf(check, { verbose }).entries()) {
      const paint = check.failed ? red : check.count > 0 ? yellow : String;
      printer.line(index === 0 ? paint(line) : line);
    }
}

function conclude({ printer, verbose }: Desk, verified: readonly Verified[], missing: readonly BatchEntry[]): Answer {
  const checks = verified.flatMap((one) => one.checks);
  const exitCode = verified.length === 0 || checks.some(({ failed }) => failed) ? 1 : 0;
  const left = missing.length === 0 ? [] : [`Not applied: ${namesOf(missing)}.`];
  const sum = verified.length === 0 ? "No batch is applied here: nothing was verified." : `In all ${sumOf(checks)}.`;
  for (const line of [...left, sum].flatMap((text) => wrap(text))) printer.line(line);
  const batches = verified.map(({ entry: { number, name }, checks: found }) => ({
    batch: number,
    script: name,
    failed: found.filter(({ failed }) => failed).length,
    checks: found.map((check) => documentOf(check, verbose)),
  }));
  const notApplied = missing.map(({ number }) => number);
  return { exitCode, document: { command: "verify", exitCode, batches, notApplied } };
}

const namesOf = (entries: readonly BatchEntry[]): string =>
  entries.map(({ number, name }) => `${number} (${name})`).join(", ");
