/** What is known of a batch. */
import type { BatchEntry } from "../../batches.ts";
import type { CheckpointFacts, LockFacts, RunFacts } from "./facts.ts";

/** `judge.ts` says which holds when several could. */
export type StateName = "unknown" | "running" | "stopped" | "quarantine" | "done" | "rolled_back" | "pending";

export interface BatchState {
  readonly entry: BatchEntry;
  readonly state: StateName;
  /** The run that makes the state running or stopped, where there is one; else the newest, also one that was rolled back. */
  readonly lastRun?: RunFacts;
  /** The newest that counts and looked at everything. */
  readonly wholeRun?: RunFacts;
  /** Where the next run goes on. */
  readonly checkpoint?: CheckpointFacts;
  /** Whether a run goes on from there; else it begins anew. */
  readonly resumable: boolean;
  /** The last run must wait until then; ISO 8601. */
  readonly waitsUntil?: string;
  /** Items in quarantine, not resolved. */
  readonly quarantined: number;
  /** How many runs there were, and how many of them were rolled back. */
  readonly runs: number;
  readonly rolledBackRuns: number;
  /** Its folders of `prisma/migrations/` that are applied; those whose file was changed since; those that the tree lacks. */
  readonly applied: readonly string[];
  readonly changed: readonly string[];
  readonly missing: readonly string[];
  /** Those whose file began and did not end. */
  readonly failed: readonly string[];
  /** Who holds the batch's lock: a run, or a rollback. */
  readonly lock?: LockFacts;
}

/** How people read a state. */
export const stateWords = ({ state }: Pick<BatchState, "state">): string => state.replace("_", " ");
