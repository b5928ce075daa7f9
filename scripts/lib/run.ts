/**
 * Drives a batch: checks, lock, schema, checkpoint, pages, Audit record, outcome. Every batch goes through here, so that
 * all of them rehearse, resume, stop and report in the same way.
 */
import type { Address } from "./db/address.ts";
import { type Database, withDatabase } from "./db/database.ts";
import { withRunLock } from "./db/lock.ts";
import { MOST_WORKERS } from "./engine/crew.ts";
import { withHeartbeat } from "./engine/heartbeat.ts";
import { noFailures, type Session, type Writer } from "./engine/session.ts";
import { spansAhead, work } from "./engine/work.ts";
import type { Checkpoint } from "./journal/checkpoint.ts";
import { closeDeadRuns, hasJournal, type Run, startRun } from "./journal/runs.ts";
import { type Conclusion, conclude, endingOf, statsOf } from "./outcome.ts";
import { checkEarlierBatches, checkServer } from "./preflight.ts";
import { recordEnd } from "./record-end.ts";
import type { Report } from "./report/report.ts";
import { resumePoint } from "./resume.ts";
import { folderSchema } from "./schema/folder-schema.ts";
import type { AnyBatch, CommonOptions, Context, Schema } from "./task.ts";

/** At most: pages and reads of the source for each worker, the heartbeat, the health gate. */
const CONNECTIONS = 2 * MOST_WORKERS + 2;

export interface Surroundings {
  readonly address: Address;
  readonly signal: AbortSignal;
  readonly report: Report;
}

/** What all parts of one run share. */
interface Base {
  readonly batch: AnyBatch;
  readonly options: CommonOptions;
  readonly db: Database;
  readonly signal: AbortSignal;
  readonly report: Report;
}

/** Runs a batch once. Throws where nothing was begun; from then on its conclusion says how it ended. */
export function runBatch(
  batch: AnyBatch,
  options: CommonOptions,
  { address, report, signal }: Surroundings,
): Promise<Conclusion> {
  return withDatabase(address, { max: CONNECTIONS, readOnly: options.dryRun }, async (db) => {
    report.begin(options.dryRun ? "dry-run" : "write", address.display);
    await checkServer(db);
    for (const line of await checkEarlierBatches(db, batch, options)) report.say(line);
    const base: Base = { batch, options, db, report, signal };
    await batch.check?.(contextOf(base));
    if (options.dryRun) return rehearse(base);
    return withRunLock(address, batch.name, (lost) => perform({ ...base, signal: AbortSignal.any([signal, lost]) }));
  });
}

/** A dry run: every transaction is READ ONLY, and nothing is left behind. */
async function rehearse(base: Base): Promise<Conclusion> {
  const { batch, db, options, report, signal } = base;
  const from = (await hasJournal(db)) ? await resumePoint(db, batch, options) : undefined;
  const session = sessionOf(base, contextOf(base, { from }), undefined);
  const ending = await endingOf(signal, async () => {
    if (batch.pages === undefined) report.step(0);
    return work(session, from, await schemaOf(batch).plan(session.context));
  });
  if ("ended" in ending) report.lastStep(ending.ended);
  return conclude(session, ending, from);
}

/** A run that writes; the caller holds the script's lock. */
async function perform(base: Base): Promise<Conclusion> {
  const { batch, db, options, report, signal } = base;
  if (batch.pages === undefined) report.step(0);
  // Batch 1 makes the tables that runs are recorded in: its own is recorded once they are there.
  const made = (await hasJournal(db)) ? undefined : await schemaOf(batch).apply(contextOf(base));
  const from = await resumePoint(db, batch, options);
  if ((await closeDeadRuns(db, batch.name)) > 0) report.say("an earlier run died; its record is closed as interrupted");
  const run = await startRun(db, { batch: batch.number, script: batch.name, options });
  const lease = { script: batch.name, partition: options.retryErrors ? "retry" : "1", runId: run.id };
  const session = sessionOf(base, contextOf(base, { from, runId: run.id }), { run, lease });
  const ending = await endingOf(signal, () =>
    withHeartbeat(
      db,
      run,
      () => ({ stats: statsOf(session, session.failures.count), progress: report.standing() }),
      () => closing(session, async () => work(session, from, made ?? (await schemaOf(batch).apply(session.context)))),
    ),
  );
  if ("ended" in ending) report.lastStep(ending.ended);
  const conclusion = await conclude(session, ending, from);
  return recordEnd(session, conclusion, ending);
}

/** Lets the batch end what it began. Where its work failed, that error is the one that tells. */
async function closing<T>({ batch, context }: Session, work: () => Promise<T>): Promise<T> {
  try {
    const result = await work();
    await batch.close?.(context);
    return result;
  } catch (error) {
    await batch.close?.(context).catch(() => undefined);
    throw error;
  }
}

const schemaOf = (batch: AnyBatch): Schema<unknown> => batch.schema ?? folderSchema(batch.name);

const sessionOf = ({ batch, db, report }: Base, context: Context, writer: Writer | undefined): Session => ({
  batch,
  db,
  report,
  context,
  writer,
  failures: noFailures(),
});

const contextOf = (
  { batch, db, options, report, signal }: Base,
  { from, runId = null }: { from?: Checkpoint | undefined; runId?: Run["id"] | null } = {},
): Context => {
  const firstRunId = from?.firstRunId ?? runId;
  const context = { db, options, runId, firstRunId, signal, ahead: [], ...voiceOf(report) };
  return { ...context, ahead: spansAhead(batch, context, from) };
};

const voiceOf = (report: Report): Pick<Context, "say" | "waits"> => ({
  say: (line) => report.say(line),
  waits: (reason) => report.waits(reason),
});
