import type { ItemError } from "../journal/quarantine.ts";
import type { Stats, Status } from "../journal/runs.ts";

/** What `--json` prints: the same numbers as the summary and the Audit record. */
export interface Document {
  readonly script: string;
  readonly batch: number;
  readonly runId: number | null;
  readonly mode: "dry-run" | "write";
  readonly status: Status;
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly durationMs: number;
  /** The run whose checkpoint this one began at. */
  readonly resumedFrom?: number;
  readonly stats: Stats;
  readonly skipped: Readonly<Record<string, number>>;
  /** The first hundred items in quarantine. */
  readonly errors: readonly ItemError[];
  /** Why it failed, stopped or waits. */
  readonly message?: string;
}

/** What the summary is printed from. */
export interface Outcome {
  readonly headline: string;
  readonly stats: Stats;
  readonly durationMs: number;
}

const EXIT: Record<Status, number> = {
  completed: 0,
  completed_with_errors: 1,
  failed: 1,
  waiting: 75,
  interrupted: 130,
};

/** The exit code that a status means. SIGTERM's is 143; `main` knows which signal it was. */
export const exitCodeOf = (status: Status): number => EXIT[status];
