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

/** A batch whose dry run says nothing yet, or could not begin. */
export interface Missed {
  readonly batch: number;
  readonly name: string;
  readonly exitCode: number;
  readonly why: string;
}

export interface Rehearsal {
  readonly exitCode: number;
  readonly rehearsed: readonly Document[];
  readonly notRehearsed: readonly Missed[];
}

/** Rehearses each step of the plan; the exit code is that of the worst. */
export async function rehearse(desk: Desk, db: Database, { steps }: Plan, wanted: Wanted): Promise<Rehearsal> {
  const rehearsed: Document[] = [];
  const notRehearsed: Missed[] = [];
  const codes = [0];
  const checked = new Set<number>();
  for (const step of steps) {
    desk.signal.throwIfAborted();
    desk.printer.line(headingOf(desk, step, steps));
    try {
      const lack = await lackOf(db, desk, step.entry);
      if (lack !== undefined) {
        notRehearsed.push(missed(desk, step, 0, `Not rehearsed: ${lack}`));
        continue;
      }
      await checkBefore(db, desk, step.entry, checked);
      const { document, exitCode } = await runFor(desk, step.entry, argvOf(step, wanted), step.own);
      rehearsed.push(document);
      codes.push(exitCode);
      remarkOn(desk, step, steps);
    } catch (error) {
      desk.signal.throwIfAborted();
      const exitCode = exitCodeOf(error);
      notRehearsed.push(missed(desk, step, exitCode, redact(complaintOf(error))));
      codes.push(exitCode);
    }
    desk.signal.throwIfAborted();
  }
  const worst = codes.reduce((one, other) => (RANKS.indexOf(other) > RANKS.indexOf(one) ? other : one));
  return { exitCode: worst, rehearsed, notRehearsed };
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

function missed({ printer }: Desk, { entry }: Step, exitCode: number, why: string): Missed {
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
