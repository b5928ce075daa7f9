import { withPatience } from "./db/patience.ts";
import { describeError } from "./db/pg-errors.ts";
import type { Session } from "./engine/session.ts";
import { MustWait, RunFailed, UserError } from "./errors.ts";
import { Interrupted } from "./interrupts.ts";
import type { Checkpoint } from "./journal/checkpoint.ts";
import { countUnresolved, LISTED_ERRORS, listUnresolved } from "./journal/quarantine.ts";
import { hasJournal, type Stats, type Status } from "./journal/runs.ts";
import type { Document } from "./report/document.ts";
import { headlineOf } from "./report/headline.ts";
import type { Proof } from "./report/report.ts";
import { sumProblem } from "./report/totals.ts";
import type { Ended, ItemError } from "./task.ts";

/** How the work came to its end: by itself, or with an error. */
export type Ending = { readonly ended: Ended } | { readonly error: unknown };

interface Quarantined {
  readonly count: number;
  /** The first of them. */
  readonly list: readonly ItemError[];
}

/** How a run ended, for people, for programs and for the shell. */
export interface Conclusion {
  readonly document: Document;
  readonly headline: string;
  readonly exitCode: number;
  /** Undefined where it was cut short. */
  readonly ended: Ended | undefined;
  /** What went wrong, for standard error. */
  readonly error?: unknown;
}

/** Runs `work`, and turns what it throws into an ending; a wait that a signal cut short counts as the signal. */
export async function endingOf(signal: AbortSignal, work: () => Promise<Ended>): Promise<Ending> {
  try {
    return { ended: await work() };
  } catch (error) {
    const cutShort = signal.aborted && (error instanceof Error ? error.name === "AbortError" : false);
    return { error: cutShort ? signal.reason : error };
  }
}

/** Draws the conclusion of a run: numbers, status and exit code. */
export async function conclude(session: Session, ending: Ending, from: Checkpoint | undefined): Promise<Conclusion> {
  const { batch, report, writer } = session;
  const { count, list } = await quarantined(session, "error" in ending);
  const problem = "ended" in ending ? (sumProblem(report.totals) ?? proofProblem(batch, report.proof)) : undefined;
  const error = "error" in ending ? ending.error : problem && new RunFailed(problem);
  const { problems } = report;
  const status = statusOf(error, { quarantined: count, problems: problems.count });
  const finishedAt = new Date();
  const document: Document = {
    script: batch.name,
    batch: batch.number,
    runId: writer?.run.id ?? null,
    mode: writer === undefined ? "dry-run" : "write",
    status,
    startedAt: report.startedAt.toISOString(),
    finishedAt: finishedAt.toISOString(),
    durationMs: finishedAt.getTime() - report.startedAt.getTime(),
    ...(from === undefined ? {} : { resumedFrom: from.runId }),
    stats: statsOf(session, count),
    skipped: report.totals.skipped,
    ...(report.proof === undefined ? {} : { arrived: arrivedOf(report.proof) }),
    errors: list,
    ...(problems.count === 0 ? {} : { problems: problems.first }),
    ...batch.details?.(report.totals),
    ...(error === undefined ? {} : { message: describeError(error) }),
  };
  const ended = "ended" in ending ? ending.ended : undefined;
  const headline = headlineOf(document, { ended, left: report.left(), problems: problems.count });
  const exitCode = exitCodeOf(status, error);
  return { document, headline, exitCode, ended, ...(error === undefined ? {} : { error }) };
}

const arrivedOf = ({ passes, arrived, complete, missing }: Proof) => ({
  passes,
  items: arrived,
  proven: complete && missing === undefined,
});

/** What the last search for items that arrived meanwhile leaves open, or undefined where it proves that nothing is missing. */
function proofProblem({ unit }: Session["batch"], proof: Proof | undefined): string | undefined {
  if (proof === undefined) return undefined;
  const { missing, complete, passes } = proof;
  if (missing !== undefined)
    return `Not all ${unit} that count were stored, and no reason is known: ${missing}, for one.`;
  return complete ? undefined : `More ${unit} arrive than ${passes} passes could store. Run again to go on.`;
}

/** The batch's statistics with the number of items in quarantine. */
export const statsOf = ({ batch, report }: Session, errors: number): Stats => ({
  ...(batch.stats(report.totals, Date.now() - report.startedAt.getTime()) as Stats),
  errors,
});

/** Until it is resolved, every run counts an item in quarantine; a dry run adds those that it would put there. */
async function quarantined(session: Session, failed: boolean): Promise<Quarantined> {
  const { failures } = session;
  try {
    return await (failed ? askQuarantine(session) : withPatience({}, () => askQuarantine(session)));
  } catch (error) {
    if (!failed) throw error;
    // The database is gone; why is in the run's own error. What this run saw is still worth saying.
    return { count: failures.count, list: failures.first };
  }
}

async function askQuarantine({ batch, db, context, failures, writer }: Session): Promise<Quarantined> {
  const { first, count: failed, resolved } = failures;
  const known = (await hasJournal(db)) ? await countUnresolved(db, batch.name) : 0;
  const listed = known > 0 ? await listUnresolved(db, batch.name, { limit: LISTED_ERRORS }) : [];
  if (writer !== undefined) return { count: known, list: listed };
  if (context.options.retryErrors) return { count: known - resolved, list: first };
  return { count: known + failed, list: [...listed, ...first].slice(0, LISTED_ERRORS) };
}

/** What must wait can be mended by waiting; a problem can't. */
function statusOf(error: unknown, { quarantined, problems }: { quarantined: number; problems: number }): Status {
  if (error instanceof Interrupted) return "interrupted";
  if (error instanceof MustWait && problems === 0) return "waiting";
  if (error !== undefined) return "failed";
  return quarantined + problems > 0 ? "completed_with_errors" : "completed";
}

function exitCodeOf(status: Status, error: unknown): number {
  if (error instanceof Interrupted) return error.exitCode;
  if (error instanceof UserError) return 2;
  return { completed: 0, completed_with_errors: 1, failed: 1, waiting: 75, interrupted: 130 }[status];
}
