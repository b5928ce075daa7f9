/** An importer of made-up threads: what batches 6 to 8 share, without a service's peculiarities. */
import { collect } from "../../collect.ts";
import type { SinkOptions } from "../../sinks/options.ts";
import { threadSink } from "../../sinks/threads.ts";
import { type AnyBatch, type Context, type Cursor, defineBatch, type Ended } from "../../task.ts";
import type { Fetched, Thread, ThreadPage } from "../../thread.ts";

export const SCRIPT = "bench-importers";

/** As batch 8 has them. */
export const PAGE_ITEMS = { first: 1_000, least: 100, most: 5_000 };

export const sink = threadSink({ source: "bench", script: SCRIPT, adopt: false, refs: "bench" });

/** Where threads come from; always from the beginning. */
export interface Feed {
  threads(context: Context): AsyncGenerator<Thread, void>;
  /** Requests since it was last asked. */
  usage(): { readonly requests: number };
}

const START: Cursor = { after: null };

/** The indexes that it needs are there. */
const NOTHING_TO_MAKE = async () => ({ fetched: 0 });

/** The batch that stores what comes out of `feed`. */
export const batchOf = (feed: Feed): AnyBatch =>
  defineBatch({
    number: 6,
    name: SCRIPT,
    title: "Store made-up threads",
    unit: "messages",
    requires: [1],
    steps: ["Storing threads", "Recording audit log"],
    schema: { plan: NOTHING_TO_MAKE, apply: NOTHING_TO_MAKE },
    skips: [],
    labels: { messagesInserted: "Messages inserted", requests: "Requests" },
    stats: ({ created, counters }) => ({ messagesInserted: created, requests: counters.requests ?? 0 }),
    pageItems: () => PAGE_ITEMS,
    pages: (context: Context<SinkOptions>, _, demand) =>
      collect(toSteps(feed.threads(context)), { demand, start: START, usage: () => ({ ...feed.usage() }) }),
    pagesOf: noPages,
    split: sink.split,
    plan: sink.plan,
    apply: sink.apply,
  });

async function* toSteps(threads: AsyncGenerator<Thread, void>): AsyncGenerator<Fetched, Ended> {
  for await (const thread of threads) yield { thread, cursor: { after: thread.id } };
  return "end";
}

/** None of it is ever in quarantine. */
async function* noPages(): AsyncGenerator<ThreadPage, Ended> {
  yield* [];
  return "end";
}
