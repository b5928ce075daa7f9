/** What a batch is told while it runs: its options, where to read, whom to tell. */
import type { Database } from "./db/database.ts";
import type { Span } from "./page.ts";

/** How pages are stored, where several workers can share them. Times are in milliseconds. */
export interface EngineOptions {
  readonly workers?: number;
  readonly targetMs?: number;
  readonly lockTimeout?: number;
  readonly statementTimeout?: number;
}

/** The options that every script has. */
export interface CommonOptions extends EngineOptions {
  readonly dryRun: boolean;
  readonly verbose: boolean;
  readonly json: boolean;
  readonly restart: boolean;
  readonly retryErrors: boolean;
  readonly limit?: number;
  readonly maxErrors?: number;
}

/** What a batch may use while it runs. */
export interface Context<Own = unknown> {
  /** For reading outside the pages' transactions. In a dry run every transaction on it is READ ONLY. */
  readonly db: Database;
  readonly options: CommonOptions & Own;
  /** The stretches of the source that lay before the run when it began, over all stages. */
  readonly ahead: readonly Span[];
  /** Null in a dry run. */
  readonly runId: number | null;
  /** The first run of the chain that this one resumes: itself, where nothing was interrupted. Null in a dry run that begins one. */
  readonly firstRunId: number | null;
  /** Aborted on SIGINT and SIGTERM. Pass it to every wait. */
  readonly signal: AbortSignal;
  /** Prints one line to the person who watches. */
  readonly say: (line: string) => void;
  /** Tells them why nothing moves; undefined when it goes on. */
  readonly waits: (reason: string | undefined) => void;
}

/** What `plan` and `apply` are told besides the page. */
export interface PageContext<Own = unknown> extends Context<Own> {
  /** Quarantined items are to be tried again, not left out. */
  readonly retrying: boolean;
  /** Keys of items to count as quarantined, beyond the unresolved ones in `migration_errors`. */
  readonly except: readonly string[];
}
