/** A batch whose source is a list of threads: it runs through the real engine, with the names of one of the importers. */

import { storableKey } from "../../../scripts/lib/item-key.ts";
import { SINK_OPTIONS, type SinkOptions } from "../../../scripts/lib/sinks/options.ts";
import type { SinkRules } from "../../../scripts/lib/sinks/rules.ts";
import { threadSink } from "../../../scripts/lib/sinks/threads.ts";
import { defineBatch, type Ended, type PagedBatch } from "../../../scripts/lib/task.ts";
import {
  type Fetched,
  pageOf,
  quarantineKey,
  type Thread,
  type ThreadMessage,
  type ThreadPage,
} from "../../../scripts/lib/thread.ts";

export const RULES: SinkRules = {
  source: "umnico_backfill",
  script: "backfill-umnico-conversations",
  adopt: false,
  refs: "umnico",
  bookings: true,
};

type Given<T, Needed extends keyof T> = Partial<T> & Pick<T, Needed>;

/** A message at noon of that day of January 2025. */
export const message = (id: string, day = 1, more: Partial<ThreadMessage> = {}): ThreadMessage => ({
  id,
  key: quarantineKey("thread", id),
  role: "user",
  content: `text ${id}`,
  at: `2025-01-${String(day).padStart(2, "0")}T12:00:00Z`,
  ...more,
});

export const thread = (more: Given<Thread, "id">): Thread => ({
  key: more.id,
  channel: "whatsapp",
  coverage: { kind: "complete" },
  messages: [],
  ...more,
});

/** One step of a source. */
export const step = (threadOrMore: Thread | Partial<Fetched>): Fetched =>
  "messages" in threadOrMore ? { thread: threadOrMore, cursor: {} } : { cursor: {}, ...threadOrMore };

/** A page of these threads. */
export const page = (...parts: readonly (Thread | Partial<Fetched>)[]): ThreadPage =>
  pageOf(parts.map(step), { start: {}, cursor: {} });

/** What differs from `RULES`; undefined leaves a rule out. */
export type OtherRules = { readonly [Rule in keyof SinkRules]?: SinkRules[Rule] | undefined };

/** The batch that stores these pages; `again` are the pages of `--retry-errors`. */
export const batchOf = (
  pages: readonly ThreadPage[],
  rules: OtherRules = {},
  again: readonly ThreadPage[] = pages,
): PagedBatch<ThreadPage, SinkOptions> => {
  const all = { ...RULES, ...rules } as SinkRules;
  const sink = threadSink(all);
  const give = async function* (list: readonly ThreadPage[]): AsyncGenerator<ThreadPage, Ended> {
    yield* list;
    return "end";
  };
  return defineBatch<ThreadPage, SinkOptions, string>({
    number: 6,
    name: all.script,
    title: "Store threads",
    unit: "messages",
    requires: [1],
    options: SINK_OPTIONS,
    steps: ["Reading", "Storing", "Recording"],
    skips: ["noId"],
    labels: {
      customersCreated: "Customers created",
      customersUpdated: "Customers updated",
      conversationsCreated: "Conversations created",
      conversationsUpdated: "Conversations updated",
      messagesInserted: "Messages inserted",
      messagesExisting: "Messages existing",
      bookingsLinked: "Bookings linked",
      requests: "Requests",
    },
    stats: ({ created, unchanged, counters }) => ({
      ...counters,
      messagesInserted: created,
      messagesExisting: unchanged,
    }),
    pages: () => give(pages),
    pagesOf: (_, keys) =>
      give(
        again.filter(({ key, settles = [] }) => [key ?? "", ...settles].some((one) => keys.includes(storableKey(one)))),
      ),
    split: sink.split,
    plan: sink.plan,
    apply: sink.apply,
  });
};
