import type { Database, Queryable } from "../db/database.ts";
import { type Patience, withPatience } from "../db/patience.ts";
import { describeError, isTimeout } from "../db/pg-errors.ts";
import { inTransaction, type TransactionOptions } from "../db/transaction.ts";
import { MustWait } from "../errors.ts";
import type { Gate } from "../health/gate.ts";
import type { Checkpoint, Lease } from "../journal/checkpoint.ts";
import { keepOpen, type Run } from "../journal/runs.ts";
import type { Report } from "../report/report.ts";
import type { AnyBatch, AnyPagedBatch, Context, ItemError } from "../task.ts";
import type { Pace } from "./pace.ts";

/** One run, while it lasts: what its pages are stored with. */
export interface Session {
  readonly batch: AnyBatch;
  readonly db: Database;
  readonly context: Context;
  readonly report: Report;
  /** What a run that writes has besides; undefined in a dry run. */
  readonly writer: Writer | undefined;
  readonly failures: Failures;
}

/** A session whose batch works page by page. */
export interface PagedSession extends Session {
  readonly batch: AnyPagedBatch;
  readonly workers: number;
  /** It goes on where another run stopped. */
  readonly resumed: boolean;
  readonly pace: Pace;
  /** Asked between pages whether the server can bear more; undefined where nothing is written. */
  readonly gate: Gate | undefined;
  /** The longest wait at a stretch: then the run ends with exit 75. */
  readonly maxWaitMs: number;
  /** Of every page's transaction. */
  readonly timeouts: Pick<TransactionOptions, "lockTimeoutMs" | "statementTimeoutMs">;
  /** What every part of the checkpoint shares. */
  readonly chain: Pick<Checkpoint, "selection" | "firstRunId">;
}

export interface Writer {
  readonly run: Run;
  readonly lease: Lease;
}

/** Items of this run that failed, and those that `--retry-errors` mended. */
export interface Failures {
  /** The first hundred; the others are in `migration_errors`, or only counted in a dry run. */
  readonly first: ItemError[];
  count: number;
  resolved: number;
}

export const noFailures = (): Failures => ({ first: [], count: 0, resolved: 0 });

/** The same session for the worker whose row has this name. */
export const withPartition = (session: PagedSession, partition: string): PagedSession =>
  session.writer === undefined
    ? session
    : { ...session, writer: { ...session.writer, lease: { ...session.writer.lease, partition } } };

/** The patience of a session's database work: whoever watches is told what it waits for. */
export const patienceOf = ({ context, report }: Session): Patience => ({
  signal: context.signal,
  onWait: (error) => report.waits(error === undefined ? undefined : describeError(error)),
});

/** A page of a run that fell silent may still be open; while it is, its row can't be taken over. */
const JOURNAL_LOCK_MS = 10_000;

/**
 * A transaction on the run's journal outside its pages; as patient as they are, and safe to repeat. A run that was taken over has
 * no row to lose where it makes a new one: so its record is looked at. Throws MustWait where an earlier run's page is still open.
 */
export async function inJournal(
  session: Session,
  { run }: Writer,
  work: (tx: Queryable) => Promise<void>,
): Promise<void> {
  try {
    await withPatience(patienceOf(session), () =>
      inTransaction(session.db, { lockTimeoutMs: JOURNAL_LOCK_MS }, async (tx) => {
        await keepOpen(tx, run);
        await work(tx);
      }),
    );
  } catch (error) {
    if (!isTimeout(error)) throw error;
    throw new MustWait("A page of an earlier run is still open on the server. Run again when its session has ended.");
  }
}
