/** What the checks of a batch's verify.sql say at the moment. */
import type { BatchEntry } from "../../batches.ts";
import type { CheckResult } from "../../checks.ts";
import { durationText } from "../../cli/values.ts";
import type { Database } from "../../db/database.ts";
import { RunFailed } from "../../errors.ts";
import type { BatchState } from "../state.ts";
import { checkBatch } from "../verify/check-batch.ts";

/** PostgreSQL's word for a statement that `statement_timeout` ended. */
const TIMED_OUT = "SQLSTATE 57014";

export interface Verified {
  readonly checks: number;
  readonly failures: readonly string[];
  readonly warnings: readonly string[];
  /** Those that took too long. */
  readonly late: readonly string[];
  /** Those that could not run, and why. */
  readonly broken: readonly { readonly name: string; readonly message: string }[];
}

export interface Limits {
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** Whether there is something to check: what has not come to its end can't hold yet. */
export const isCheckable = ({ state }: BatchState): boolean => state === "done" || state === "quarantine";

/** Runs the checks of the batch as `verify` does, each for no longer than the time. */
export async function verifyBatch(db: Database, entry: BatchEntry, limits: Limits): Promise<Verified> {
  const results = await runChecks(db, entry, limits);
  const unable = results.filter(({ error }) => error !== undefined);
  const able = results.filter(({ error, count }) => error === undefined && count > 0);
  return {
    checks: results.length,
    failures: able.filter(({ severity }) => severity === "failure").map(({ name }) => name),
    warnings: able.filter(({ severity }) => severity === "warning").map(({ name }) => name),
    late: unable.filter(isLate).map(({ name }) => name),
    broken: unable.filter((result) => !isLate(result)).map(({ name, error: message = "" }) => ({ name, message })),
  };
}

async function runChecks(db: Database, entry: BatchEntry, { timeoutMs, signal }: Limits): Promise<CheckResult[]> {
  try {
    return await checkBatch(db, entry, { sample: 1, statementTimeoutMs: timeoutMs, signal });
  } catch (error) {
    // The tree lacks the file, or it is not as it should be: that is to be said of this batch, not instead of the others.
    if (!(error instanceof RunFailed)) throw error;
    return [{ name: "verify.sql", severity: "failure", count: 0, rows: [], error: error.message, failed: true }];
  }
}

const isLate = ({ error = "" }: CheckResult): boolean => error.includes(TIMED_OUT);

/** How many checks do not hold, or are not known to. */
export const failedOf = ({ failures, late, broken }: Verified): number => failures.length + late.length + broken.length;

/** "verify: 11 of 11 hold"; then what does not. */
export function verifiedText(verified: Verified, { number }: BatchEntry, timeoutMs: number): string {
  const { checks, failures, warnings, late, broken } = verified;
  const parts = [
    `verify: ${checks - failedOf(verified)} of ${checks} hold`,
    ...named(failures, "failure"),
    ...named(warnings, "warning"),
    ...(late.length > 0
      ? [`not checked within ${durationText(timeoutMs)}: ${late.join(", ")}: run verify ${number}`]
      : []),
    ...reasonsOf(broken),
  ];
  return parts.join("; ");
}

const named = (names: readonly string[], what: string): string[] =>
  names.length === 0 ? [] : [`${names.length} ${what}${names.length > 1 ? "s" : ""}: ${names.join(", ")}`];

/** Most often all have one reason. */
const reasonsOf = (broken: Verified["broken"]): string[] =>
  [...new Set(broken.map(({ message }) => message))].map((message) => {
    const count = broken.filter((one) => one.message === message).length;
    return `${count} could not run: ${message}`;
  });
