import type { Database } from "./db/database.ts";
import type { Lease } from "./journal/checkpoint.ts";
import type { ItemError } from "./journal/quarantine.ts";
import type { Run } from "./journal/runs.ts";
import type { Report } from "./report/report.ts";
import type { AnyBatch, AnyPagedBatch, Context } from "./task.ts";

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
