import { withPatience } from "./db/patience.ts";
import { inTransaction } from "./db/transaction.ts";
import { faultAt } from "./engine/fault.ts";
import type { Session } from "./engine/session.ts";
import { MustWait } from "./errors.ts";
import { clearCheckpoint, takenOver } from "./journal/checkpoint.ts";
import { finishRun } from "./journal/runs.ts";
import type { Conclusion, Ending } from "./outcome.ts";

/** Closes the run's record with its Audit row; a completed run gives up its checkpoint in the same transaction. */
export async function recordEnd(
  { batch, db, report, writer }: Session,
  conclusion: Conclusion,
  ending: Ending,
): Promise<Conclusion> {
  if (writer === undefined) return conclusion;
  const { status, stats, message } = conclusion.document;
  const until = conclusion.error instanceof MustWait ? conclusion.error.until : undefined;
  const progress = { ...report.standing(), ...(until === undefined ? {} : { until: until.toISOString() }) };
  const record = () =>
    inTransaction(db, {}, async (tx) => {
      const ours = await finishRun(tx, writer.run, { status, stats, error: message, progress });
      if (!ours) throw takenOver();
      // One without pages has none: what lies there is of another subcommand.
      const done = batch.pages !== undefined && "ended" in ending && ending.ended === "end";
      if (done) await clearCheckpoint(tx, writer.lease);
    });
  try {
    faultAt("record");
    // A run that failed has been patient already.
    await (conclusion.error === undefined ? withPatience({}, record) : record());
    return conclusion;
  } catch (error) {
    // Where the run had failed already, its own error says more than that the record could not be written.
    if (conclusion.error !== undefined) return conclusion;
    throw error;
  }
}
