import { classify, describeError } from "../db/pg-errors.ts";
import { MustWait } from "../errors.ts";
import { Interrupted } from "../interrupts.ts";
import type { Stats, Status } from "../journal/runs.ts";
import type { Details, ItemError } from "../task.ts";

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
  /** What became of items that arrived during the run, where the batch looks for them. */
  readonly arrived?: { readonly passes: number; readonly items: number; readonly proven: boolean };
  /** The first hundred items in quarantine. */
  readonly errors: readonly ItemError[];
  /** The first hundred of what is not as it should be, and not in quarantine; there only where there is any. */
  readonly problems?: readonly ItemError[];
  /** What a batch says of each table, and of its plan. */
  readonly tables?: NonNullable<Details["tables"]>;
  readonly plan?: object;
  /** The documents of each, where a batch of several subcommands ran them all. */
  readonly subcommands?: readonly Document[];
  /** What ran after it, as an option asked for. */
  readonly followedBy?: Document;
  /** Why it failed, stopped or waits. */
  readonly message?: string;
}

/** The document of a script that ended before anything was begun. */
export function failedDocument(
  batch: { readonly name: string; readonly number: number },
  argv: readonly string[],
  startedAt: Date,
  error: unknown,
): Document {
  const finishedAt = new Date();
  const known = classify(error);
  return {
    script: batch.name,
    batch: batch.number,
    runId: null,
    mode: argv.includes("--dry-run") ? "dry-run" : "write",
    status: known instanceof MustWait ? "waiting" : known instanceof Interrupted ? "interrupted" : "failed",
    startedAt: startedAt.toISOString(),
    finishedAt: finishedAt.toISOString(),
    durationMs: finishedAt.getTime() - startedAt.getTime(),
    stats: {},
    skipped: {},
    errors: [],
    message: describeError(known),
  };
}
