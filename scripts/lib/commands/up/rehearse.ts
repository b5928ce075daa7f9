/** `up --dry-run`: a dry run of each batch, as far as those before it are there. */
import { type BatchEntry, batchOf } from "../../batches.ts";
import type { Database } from "../../db/database.ts";
import { isBatchApplied } from "../../preflight.ts";
import type { Document } from "../../report/document.ts";
import { complaintOf, exitCodeOf } from "../../report/failure.ts";
import { redact } from "../../report/redact.ts";
import type { Desk } from "../desk.ts";
import { wrap } from "../lines.ts";
import { runFor } from "../run-batch.ts";
import type { Plan, Step, Wanted } from "./plan.ts";
import { checkBefore } from "./preflight.ts";
import { argvOf, headingOf } from "./step.ts";

/** From the best to the worst; what was interrupted ends the rehearsal itself. */
const RANKS = [0, 75, 1, 2];

/** What a batch would stop at, or why it could not be rehearsed. */
export interface Obstacle {
  readonly batch: number;
  readonly name: string;
  /** 0 where all that is missing comes with the batches before. */
  readonly exitCode: number;
  readonly why: string;
}

export interface Rehearsal {
  readonly exitCode: number;
  readonly rehearsed: readonly Document[];
  readonly notRehearsed: readonly Obstacle[];
  /** Where `up` would stop before it begins: checks that do not hold. */
  readonly stops: readonly Obstacle[];
}

/** Rehearses each step of the plan; the exit code is that of the worst. */
export async function rehearse(desk: Desk, db: Database, { steps }: Plan, wanted: Wanted): Promise<Rehearsal> {
  const rehearsed: Document[] = [];
  const notRehearsed: Obstacle[] = [];
  const stops: Obstacle[] = [];
  const codes = [0];
  const checked = new Set<number>();
  for (const step of steps) {
    desk.printer.line(headingOf(desk, step, steps));
    const lack = await lackOf(db, desk, step.entry);
    if (lack !== undefined) {
      notRehearsed.push(obstacle(desk, step, { exitCode: 0, why: `Not rehearsed: ${lack}` }));
      continue;
    }
    const check = await attempt(desk, () => checkBefore(db, desk, step.entry, checked));
    if ("exitCode" in check) stops.push(obstacle(desk, step, check));
    const run = await attempt(desk, () => runFor(desk, step.entry, argvOf(step, wanted), step.own));
    if ("exitCode" in run) notRehearsed.push(obstacle(desk, step, run));
    else {
      rehearsed.push(run.value.document);
      codes.push(run.value.exitCode);
      remarkOn(desk, step, steps);
    }
  }
  for (const { exitCode } of [...stops, ...notRehearsed]) codes.push(exitCode);
  const worst = codes.reduce((one, other) => (RANKS.indexOf(other) > RANKS.indexOf(one) ? other : one));
  return { exitCode: worst, rehearsed, notRehearsed, stops };
}

/** What `work` answers, or why it could not; an interruption ends all. */
async function attempt<T>(
  { signal }: Desk,
  work: () => Promise<T>,
): Promise<{ readonly value: T } | Pick<Obstacle, "exitCode" | "why">> {
  try {
    const value = await work();
    signal.throwIfAborted();
    return { value };
  } catch (error) {
    signal.throwIfAborted();
    return { exitCode: exitCodeOf(error), why: redact(complaintOf(error)) };
  }
}

/** Why a dry run can't say anything yet. What a schema batch would make can be listed on an empty database, too. */
async function lackOf(db: Database, { loadBatch }: Desk, entry: BatchEntry): Promise<string | undefined> {
  if (entry.kind === "schema") return undefined;
  const lacking: BatchEntry[] = [];
  for (const number of (await loadBatch(entry)).requires) lacking.push(...(await ifMissing(db, number)));
  if (lacking.length === 0) return undefined;
  return `it needs what batch ${lacking.map(({ number }) => number).join(" and ")} makes, which is not there yet.`;
}

async function ifMissing(db: Database, number: number): Promise<BatchEntry[]> {
  const entry = batchOf(number);
  return (await isBatchApplied(db, entry)) ? [] : [entry];
}

function obstacle({ printer }: Desk, { entry }: Step, { exitCode, why }: Pick<Obstacle, "exitCode" | "why">): Obstacle {
  for (const line of wrap(why)) printer.line(line);
  return { batch: entry.number, name: entry.name, exitCode, why };
}

/** Its numbers are those of the rows that are there now. */
function remarkOn({ printer }: Desk, { entry }: Step, steps: readonly Step[]): void {
  const before = steps.map((step) => step.entry).filter(({ number, kind }) => number < entry.number && kind === "data");
  if (entry.kind === "schema" || before.length === 0) return;
  const numbers = `${before.length > 1 ? "batches" : "batch"} ${before.map(({ number }) => number).join(", ")}`;
  for (const line of wrap(`Counted on the rows that are there now, without what ${numbers} would add.`))
    printer.line(line);
}
