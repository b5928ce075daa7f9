/**
 * Batch 7: the messages of Freshchat's conversations. Which conversations there are is known from our own table, or from a file:
 * the service lists none. Safe to repeat: a message at the service makes at most one of ours (a unique index sees to it), and a
 * conversation that is whole is asked for only until a page holds nothing new.
 */
import { collect } from "../lib/collect.ts";
import { UserError } from "../lib/errors.ts";
import { HTTP_OPTIONS } from "../lib/http/options.ts";
import { refuseBeforeTime } from "../lib/journal/pause.ts";
import { main } from "../lib/main.ts";
import { SINK_OPTIONS } from "../lib/sinks/options.ts";
import { threadSink } from "../lib/sinks/threads.ts";
import { countStored, idsInTable } from "../lib/sources/freshchat/conversations.ts";
import { retryItems } from "../lib/sources/freshchat/retry.ts";
import { readConversations, START } from "../lib/sources/freshchat/source.ts";
import { type Context, type Demand, defineBatch, type Ended, type Span } from "../lib/task.ts";
import type { ThreadPage } from "../lib/thread.ts";
import { idsOfFile, markOfFile } from "./backfill-freshchat-messages/conversations-file.ts";
import { openSource, RULES } from "./backfill-freshchat-messages/open.ts";
import { OWN_OPTIONS, type Own } from "./backfill-freshchat-messages/options.ts";
import { settingsOf } from "./backfill-freshchat-messages/settings.ts";
import { LABELS, statsOf } from "./backfill-freshchat-messages/stats.ts";
import { aloud } from "./backfill-freshchat-messages/verbose.ts";

const sink = threadSink(RULES);

const batch = defineBatch({
  number: 7,
  name: RULES.script,
  title: "Bring the messages of Freshchat's conversations here",
  unit: "messages",
  requires: [1],
  advises: [2],
  options: { ...OWN_OPTIONS, ...HTTP_OPTIONS, ...SINK_OPTIONS },
  check: async (context: Context<Own>) => {
    settingsOf(context.options, process.env);
    await refuseUnknown(context);
    if (context.options.replay === undefined) await refuseBeforeTime(context.db, RULES.script);
  },
  selection: selectionOf,
  steps: ["Looking for conversations", "Fetching messages", "Recording audit log"],
  skips: ["filtered", "outsideWindow", "gone"],
  labels: LABELS,
  stats: statsOf,
  pages,
  pagesOf: async function* (context: Context<Own>, keys: readonly string[]): AsyncGenerator<ThreadPage, Ended> {
    const source = openSource(context);
    for await (const page of retryItems(source, keys, () => source.api.usage())) yield { ...page, step: 1 };
    return "end";
  },
  split: sink.split,
  plan: sink.plan,
  apply: sink.apply,
  hint: async () =>
    "No conversation of our table is on Freshchat, or none has messages: --conversations-file brings new ones.",
});

/** Options that would select among what is in quarantine, or name what isn't there. */
async function refuseUnknown({ db, options }: Context<Own>): Promise<void> {
  const { conversation, conversationsFile, since, until, retryErrors } = options;
  const chosen = Object.entries({ conversation, "conversations-file": conversationsFile, since, until });
  const [name] = chosen.find(([, value]) => value !== undefined) ?? [];
  if (retryErrors && name !== undefined)
    throw new UserError(`--retry-errors runs every quarantined item: leave --${name} out.`);
  const file = new Set(idsOfFile(conversationsFile));
  const asked = conversation?.filter((id) => !file.has(id)) ?? [];
  const stored = asked.length === 0 ? new Set() : await idsInTable(db, asked);
  const unknown = asked.find((id) => !stored.has(id));
  if (unknown !== undefined)
    throw new UserError(
      `There is no Freshchat conversation ${unknown} in our table; --conversations-file adds new ones.`,
    );
}

/** What a checkpoint belongs to. */
function selectionOf({ conversation, conversationsFile, since, until, noPrivate }: Own): Record<string, string> {
  return {
    ...(since === undefined ? {} : { since }),
    ...(until === undefined ? {} : { until }),
    ...(noPrivate ? { "no-private": "" } : {}),
    ...(conversation === undefined ? {} : { conversation: conversation.toSorted().join(",") }),
    ...(conversationsFile === undefined ? {} : { "conversations-file": markOfFile(conversationsFile) }),
  };
}

async function* pages(context: Context<Own>, { after }: Span, demand: Demand): AsyncGenerator<ThreadPage, Ended> {
  const source = openSource(context);
  const { only, file } = source.wanted;
  const counts = `${await countStored(context.db, only)} of our table, ${file.length} in a file`;
  if (after === null) context.say(`  conversations: ${counts}`);
  const quiet = readConversations(source, after, demand);
  const { verbose } = settingsOf(context.options, process.env);
  const parts = verbose ? aloud(quiet, context.say) : quiet;
  const collected = collect(parts, { demand, start: after ?? START, usage: () => source.api.usage() });
  try {
    for (;;) {
      const { done, value } = await collected.next();
      if (done) return value;
      yield { ...value, step: 1 };
    }
  } finally {
    void collected.return("end").catch(() => undefined);
  }
}

export default batch;
await main(import.meta, batch);
