/**
 * Batch 6: Umnico's dialogs, out of the service that reads its web pages. An item is one message; a dialog is stored in one
 * transaction. Safe to repeat: a message's key follows from what it says, when, and how often, so that a window of the dialog that
 * shifts makes no message twice, and every id follows from its key.
 */
import { collect } from "../lib/collect.ts";
import { main } from "../lib/main.ts";
import { threadSink } from "../lib/sinks/threads.ts";
import { type DialogsSource, umnicoDialogs } from "../lib/sources/umnico/source.ts";
import { type Context, type Demand, defineBatch, type Ended, type Span } from "../lib/task.ts";
import type { ThreadPage } from "../lib/thread.ts";
import { accountOf } from "./backfill-umnico-conversations/account.ts";
import { check } from "./backfill-umnico-conversations/check.ts";
import { delayOf, OWN_OPTIONS, type Own, zoneOf } from "./backfill-umnico-conversations/options.ts";
import { retriedPages } from "./backfill-umnico-conversations/retry.ts";
import { NAME, RULES } from "./backfill-umnico-conversations/rules.ts";
import { storedDialogs } from "./backfill-umnico-conversations/stored.ts";
import { LABELS, STEPS, TITLE, voiceOf, wordsIn } from "./backfill-umnico-conversations/words.ts";

const sink = threadSink(RULES);

const batch = defineBatch({
  number: 6,
  name: NAME,
  title: TITLE,
  unit: "messages",
  requires: [1],
  options: OWN_OPTIONS,
  check,
  selection: (options: Own) => ({ timezone: zoneOf(options), history: options.recent ? "recent" : "all" }),
  steps: STEPS,
  skips: ["noId", "existing", "gone", "empty"],
  labels: LABELS,
  words: ({ lang }: Own) => wordsIn(lang),
  stats: ({ created, unchanged, counters }) => ({
    dialogsTotal: counters.dialogsTotal ?? 0,
    dialogsProcessed: counters.dialogsProcessed ?? 0,
    dialogsSkipped: counters.dialogsSkipped ?? 0,
    customersCreated: counters.customersCreated ?? 0,
    customersUpdated: counters.customersUpdated ?? 0,
    conversationsCreated: counters.conversationsCreated ?? 0,
    conversationsUpdated: counters.conversationsUpdated ?? 0,
    messagesInserted: created,
    messagesExisting: unchanged,
    bookingsLinked: counters.bookingsLinked ?? 0,
    requests: counters.requests ?? 0,
    waitedSeconds: Math.round((counters.waitedSeconds ?? 0) * 10) / 10,
  }),
  pages: dialogPages,
  pagesOf: (context: Context<Own>, keys) => retriedPages(sourceOf(context), keys),
  plan: sink.plan,
  apply: sink.apply,
  split: sink.split,
});

function dialogPages(context: Context<Own>, span: Span, demand: Demand): AsyncGenerator<ThreadPage, Ended> {
  const start = span.after ?? { after: null };
  const after = start.after === null ? null : String(start.after);
  const { usage } = accountOf(context);
  return collect(umnicoDialogs(sourceOf(context), after, demand), { demand, start, usage });
}

function sourceOf(context: Context<Own>): DialogsSource {
  const { db, options, signal, say, waits } = context;
  const { api, list, usage } = accountOf(context);
  const { recent, skipExisting, allowPartial, lang } = options;
  return {
    api,
    list,
    usage,
    stored: storedDialogs(db),
    zone: zoneOf(options),
    voice: voiceOf(lang),
    delayMs: delayOf(options),
    recent,
    skipExisting,
    allowPartial,
    signal,
    say,
    waits,
  };
}

export default batch;
await main(import.meta, batch);
