import type { Database } from "../../../scripts/lib/db/database.ts";
import type { SinkOptions } from "../../../scripts/lib/sinks/options.ts";
import type { PageContext } from "../../../scripts/lib/task.ts";

/** What a page is counted with, or, with a run's id, stored. */
export const contextOf = (pool: Database, runId: number | null = null): PageContext<SinkOptions> => ({
  db: pool,
  options: { dryRun: true, verbose: false, json: false, restart: false, retryErrors: false },
  ahead: [],
  runId,
  firstRunId: runId,
  signal: new AbortController().signal,
  say: () => undefined,
  waits: () => undefined,
  retrying: false,
  except: [],
});
