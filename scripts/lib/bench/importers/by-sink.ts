/**
 * The sink, with pages of as many messages as the engine would take. Started as a process of its own on DATABASE_URL with the number
 * of messages to write; prints what it took without its start.
 */
import { parseAddress } from "../../db/address.ts";
import { type Database, withDatabase } from "../../db/database.ts";
import { inTransaction } from "../../db/transaction.ts";
import { Pace } from "../../engine/pace.ts";
import { startRun } from "../../journal/runs.ts";
import type { SinkOptions } from "../../sinks/options.ts";
import type { PageContext } from "../../task.ts";
import { PAGE_ITEMS, SCRIPT, sink } from "./batch.ts";
import { makeThreads, toPages } from "./threads.ts";

/** As the engine has it. */
const TARGET_MS = 500;

await withDatabase(parseAddress(process.env.DATABASE_URL ?? ""), { max: 2 }, async (db) => {
  const context = await contextOf(db);
  const pace = new Pace(PAGE_ITEMS, TARGET_MS);
  const startedAt = performance.now();
  let rows = 0;
  for (const page of toPages(makeThreads(Number(process.argv[2])), () => pace.items)) {
    const begun = performance.now();
    const { created = 0 } = await inTransaction(db, {}, (tx) => sink.apply(tx, page, context));
    pace.record(page.size, performance.now() - begun);
    rows += created;
  }
  process.stdout.write(JSON.stringify({ rows, ms: performance.now() - startedAt }));
});

async function contextOf(db: Database): Promise<PageContext<SinkOptions>> {
  const options = { dryRun: false, verbose: false, json: false, restart: false, retryErrors: false };
  const { id } = await startRun(db, { batch: 6, script: SCRIPT, options });
  return {
    ...{ db, options, runId: id, firstRunId: id, ahead: [], except: [], retrying: false },
    ...{ signal: new AbortController().signal, say: () => undefined, waits: () => undefined },
  };
}
