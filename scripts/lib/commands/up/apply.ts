/** `up`: each batch in its turn, until one fails. */
import type { Database } from "../../db/database.ts";
import type { Document } from "../../report/document.ts";
import { complaintOf, exitCodeOf } from "../../report/failure.ts";
import { redact } from "../../report/redact.ts";
import { DESK_COMMAND, type Desk } from "../desk.ts";
import { runFor } from "../run-batch.ts";
import { commandOfUp, type Plan, type Step, type Wanted } from "./plan.ts";
import { checkBefore, checkLast, checkRoom } from "./preflight.ts";
import { argvOf, headingOf } from "./step.ts";

export interface Application {
  readonly exitCode: number;
  readonly applied: readonly Document[];
  /** Of the batch that failed, where it was begun. */
  readonly failed?: Document;
  /** Batches that were not begun. */
  readonly notBegun: readonly number[];
  readonly message?: string;
  readonly error?: unknown;
}

/** How far one step came. */
interface Outcome {
  readonly exitCode: number;
  readonly document?: Document;
  readonly error?: unknown;
}

/** Applies the steps of the plan; stops at the first that does not end with exit 0, and says how to go on. */
export async function applyAll(desk: Desk, db: Database, { steps }: Plan, wanted: Wanted): Promise<Application> {
  const applied: Document[] = [];
  for (const [index, step] of steps.entries()) {
    desk.printer.line(headingOf(desk, step, steps));
    const { exitCode, document, error } = await applyStep(desk, db, step, wanted);
    if (exitCode === 0 && document !== undefined) {
      applied.push(document);
      continue;
    }
    const begun = document === undefined ? index : index + 1;
    const notBegun = steps.slice(begun).map(({ entry }) => entry.number);
    sayHowToGoOn(desk, { step, document, error, notBegun }, wanted);
    return {
      exitCode,
      applied,
      notBegun,
      ...(document === undefined ? {} : { failed: document }),
      ...messageOf(document?.message, error),
    };
  }
  return { ...(await lookAtLast(desk, db, steps)), applied, notBegun: [] };
}

async function applyStep(desk: Desk, db: Database, step: Step, wanted: Wanted): Promise<Outcome> {
  try {
    desk.signal.throwIfAborted();
    await checkBefore(db, desk, step.entry);
    await checkRoom(db);
    return await runFor(desk, step.entry, argvOf(step, wanted), step.own);
  } catch (thrown) {
    const error = reasonOf(desk, thrown);
    return { exitCode: exitCodeOf(error), error };
  }
}

/** Those of the others were looked at before the next was begun. */
async function lookAtLast(
  desk: Desk,
  db: Database,
  steps: readonly Step[],
): Promise<Pick<Application, "exitCode" | "message" | "error">> {
  const last = steps.at(-1);
  desk.printer.line("");
  try {
    if (last !== undefined) await checkLast(db, desk, last.entry);
    return { exitCode: 0 };
  } catch (thrown) {
    const error = reasonOf(desk, thrown);
    return { exitCode: exitCodeOf(error), ...messageOf(undefined, error) };
  }
}

/** Whatever a statement that was cut off says: it was cut off. */
const reasonOf = ({ signal }: Desk, thrown: unknown): unknown => (signal.aborted ? signal.reason : thrown);

/** What the run says of itself, or else what was thrown before it was begun. */
function messageOf(said: string | undefined, error: unknown): Pick<Application, "message" | "error"> {
  if (error === undefined) return said === undefined ? {} : { message: said };
  return { message: said ?? redact(complaintOf(error)), error };
}

interface Stop {
  readonly step: Step;
  readonly document: Document | undefined;
  readonly error: unknown;
  readonly notBegun: readonly number[];
}

function sayHowToGoOn({ printer }: Desk, { step, document, error, notBegun }: Stop, wanted: Wanted): void {
  const { number } = step.entry;
  const baseline = document === undefined && number === 1 && /--baseline/.test(String(error));
  printer.line("");
  if (document === undefined) printer.line(`Stopped: nothing of batch ${number} was begun.`);
  else printer.line(`Stopped at batch ${number}.`);
  if (notBegun.length > 0) printer.line(`Not begun: ${notBegun.join(", ")}.`);
  if (document?.status === "completed_with_errors" && (document.stats.errors ?? 0) > 0) {
    printer.line("What failed, and why; and, once that is mended, the same items again:");
    printer.line(`  ${DESK_COMMAND} errors ${number}`);
    printer.line(`  ${DESK_COMMAND} errors ${number} --retry`);
  }
  printer.line("To go on:");
  printer.line(`  ${commandOfUp({ ...wanted, baseline: wanted.baseline || baseline })}`);
}
