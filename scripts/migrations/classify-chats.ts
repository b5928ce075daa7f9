/**
 * Batch 9: a tag for every conversation, from rules or from a language model. An item is one conversation; a page is a range of
 * their ids. Safe to repeat: what the same version of a classifier has read before is not asked again, a tag that a person gave
 * stays, and a failure never overwrites one.
 */
import { duration, listOf } from "../lib/cli/values.ts";
import { main } from "../lib/main.ts";
import { type Context, defineBatch } from "../lib/task.ts";
import { CHANNELS } from "../lib/thread.ts";
import { CLASSIFIER_OPTIONS, checkClassifier } from "./classify-chats/classifier.ts";
import { applyPage, planPage, splitPage } from "./classify-chats/page.ts";
import { chatsAfter, chatsWith, countChats, NAME, type Own } from "./classify-chats/pages.ts";

const PAGE_CHATS = { first: 500, least: 50, most: 2_000 };
/** What was paid for is to be stored soon. */
const PAID_PAGE_CHATS = { first: 16, least: 1, most: 64 };

const batch = defineBatch({
  number: 9,
  name: NAME,
  title: "Give every conversation a tag",
  unit: "conversations",
  requires: [1],
  options: {
    ...CLASSIFIER_OPTIONS,
    channel: { ...listOf("--channel", CHANNELS), describe: "only conversations of these channels" },
    "no-reply-after": {
      ...duration("--no-reply-after"),
      describe: "how old a customer's last word must be to count as unanswered (default 24h)",
    },
  },
  check: async (context: Context<Own>) => checkClassifier(context),
  selection: ({ classifier, channel }: Own) => ({
    ...(classifier === "llm" ? { classifier } : {}),
    ...(channel === undefined ? {} : { channel: channel.join(",") }),
  }),
  steps: ["Counting conversations", "Classifying them", "Recording audit log"],
  skips: ["byHand", "notAsked"],
  labels: {
    conversationsTotal: "Conversations in all",
    conversationsTagged: "Conversations tagged",
    conversationsRetagged: "Conversations retagged",
    conversationsUnchanged: "Conversations unchanged",
    conversationsSkipped: "Conversations skipped",
    requests: "Requests made",
    tokens: "Tokens used",
    waitedSeconds: "Seconds waited for limits",
  },
  stats: ({ fetched, created, updated, unchanged, skipped, counters }) => ({
    conversationsTotal: fetched,
    conversationsTagged: created,
    conversationsRetagged: updated,
    conversationsUnchanged: unchanged,
    conversationsSkipped: (skipped.byHand ?? 0) + (skipped.notAsked ?? 0),
    requests: counters.requests ?? 0,
    tokens: counters.tokens ?? 0,
    waitedSeconds: counters.waitedSeconds ?? 0,
  }),
  count: countChats,
  pageItems: ({ options }: Context<Own>) => (options.classifier === "llm" ? PAID_PAGE_CHATS : PAGE_CHATS),
  pages: chatsAfter,
  pagesOf: chatsWith,
  split: async (_, page) => splitPage(page),
  plan: planPage,
  apply: applyPage,
});

export default batch;
await main(import.meta, batch);
