/**
 * Batch 8: the buyer chats of Wildberries, store by store: a conversation for each chat, a message for each event that has one.
 * An item is one event; a page is a page of a store's stream, stored with the store's cursor. Safe to repeat: an event makes at
 * most one message (a unique index sees to it), and the ids of conversations and messages follow from store, chat and event.
 */
import { wholeNumber } from "../lib/cli/values.ts";
import { HTTP_OPTIONS } from "../lib/http/options.ts";
import { main } from "../lib/main.ts";
import { threadSink } from "../lib/sinks/threads.ts";
import { SOURCE } from "../lib/sources/wildberries/steps.ts";
import { type CommonOptions, defineBatch } from "../lib/task.ts";
import classifyChats from "./classify-chats.ts";
import { keepBook } from "./sync-wildberries-chats/book.ts";
import { checkOptions } from "./sync-wildberries-chats/check.ts";
import {
  BATCH_DELAY_MS,
  CONCURRENCY,
  quarantinedItems,
  STORE_DELAY_MS,
  storePages,
} from "./sync-wildberries-chats/pages.ts";
import { readStores, servicesOf } from "./sync-wildberries-chats/stores.ts";

const NAME = "sync-wildberries-chats";

interface Own {
  readonly classify?: boolean;
}

const sink = threadSink({ source: SOURCE, script: NAME, adopt: true });

const batch = defineBatch({
  number: 8,
  name: NAME,
  title: "Sync the buyer chats of Wildberries stores",
  unit: "events",
  requires: [1],
  timed: true,
  options: {
    store: { type: "string", requiresArg: true, describe: "only this store (default: all that have a token)" },
    full: { type: "boolean", default: false, describe: "read all events anew, not only those since the last run" },
    concurrency: {
      ...wholeNumber("--concurrency", { min: 1, max: 16 }),
      describe: `how many stores at the same time (default ${CONCURRENCY})`,
    },
    delay: {
      ...wholeNumber("--delay", { min: 0 }),
      describe: "milliseconds between two requests for a store (default 500); 0 leaves the pace to the service",
    },
    "batch-delay": {
      ...wholeNumber("--batch-delay", { min: 0 }),
      describe: `milliseconds after ten pages of events (default ${BATCH_DELAY_MS})`,
    },
    "store-delay": {
      ...wholeNumber("--store-delay", { min: 0 }),
      describe: `milliseconds between two stores (default ${STORE_DELAY_MS})`,
    },
    classify: { type: "boolean", default: false, describe: "tag the chats afterwards, by rules (batch 9)" },
    ...HTTP_OPTIONS,
  },
  follow: ({ classify, limit }: CommonOptions & Own) =>
    classify === true && limit === undefined
      ? {
          batch: classifyChats,
          argv: ["--channel", "wildberries"],
          stats: ({ conversationsTagged = 0, conversationsRetagged = 0 }) => ({
            chatsClassified: conversationsTagged + conversationsRetagged,
          }),
        }
      : undefined,
  check: checkOptions,
  steps: ["Syncing chats and events, store by store", "Recording audit log"],
  skips: ["noMessage", "unknownType"],
  labels: {
    storesTotal: "Stores",
    storesSynced: "Stores synced",
    storesFailed: "Stores failed",
    chatsTotal: "Chats known",
    chatsSynced: "Chats seen",
    eventsFetched: "Events fetched",
    messagesAdded: "Messages added",
    messagesExisting: "Messages there already",
    eventsSkipped: "Events skipped",
    chatsClassified: "Chats classified",
    requests: "Requests",
    waitedSeconds: "Seconds waited for limits",
  },
  stats: ({ created, unchanged, skipped, counters }) => ({
    storesTotal: counters.storesTotal ?? 0,
    storesSynced: counters.storesSynced ?? 0,
    storesFailed: counters.storesFailed ?? 0,
    chatsTotal: (counters.chatsKnown ?? 0) + (counters.conversationsCreated ?? 0),
    chatsSynced: counters.chatsSynced ?? 0,
    eventsFetched: counters.eventsFetched ?? 0,
    messagesAdded: created,
    messagesExisting: unchanged,
    eventsSkipped: (skipped.noMessage ?? 0) + (skipped.unknownType ?? 0),
    chatsClassified: 0, // told by batch 9, where it follows
    requests: counters.requests ?? 0,
    waitedSeconds: Math.round((counters.waitedSeconds ?? 0) * 10) / 10,
  }),
  pageItems: () => ({ first: 1_000, least: 100, most: 5_000 }),
  pages: storePages,
  pagesOf: quarantinedItems,
  split: sink.split,
  plan: (tx, page, context) => keepBook(tx, page, context, sink.plan),
  apply: (tx, page, context) => keepBook(tx, page, context, sink.apply),
  hint: async (context) =>
    (await readStores(context, servicesOf(context))).length === 0
      ? "No store has a token: npx tsx scripts/add-store.ts ID"
      : undefined,
});

export default batch;
await main(import.meta, batch);
