/**
 * Batch 9: a tag for every conversation, from rules or from a language model. An item is one conversation; a page is a range of
 * their ids. Safe to repeat: what the same version of a classifier has read before is not asked again, a tag that a person gave
 * stays, and a failure never overwrites one.
 */
import { duration, listOf } from "../lib/cli/values.ts";
import { unresolvedAmong } from "../lib/journal/quarantine.ts";
import { main } from "../lib/main.ts";
import { readChats } from "../lib/sources/chats.ts";
import { type Context, type Demand, defineBatch, type Ended, type Span, type Total } from "../lib/task.ts";
import { CHANNELS } from "../lib/thread.ts";
import {
  CLASSIFIER_OPTIONS,
  type ClassifierOptions,
  checkClassifier,
  type Opened,
  openClassifier,
} from "./classify-chats/classifier.ts";
import { judge } from "./classify-chats/judge.ts";
import { applyPage, type ChatPage, planPage, sized, splitPage } from "./classify-chats/page.ts";

const NAME = "classify-chats";
const PAGE_CHATS = { first: 500, least: 50, most: 2_000 };
/** What was paid for is to be stored soon. */
const PAID_PAGE_CHATS = { first: 16, least: 1, most: 64 };
/** A customer who has had no answer for so long is waiting in vain. */
const NO_REPLY_AFTER_MS = 24 * 3_600_000;

interface Own extends ClassifierOptions {
  readonly channel?: readonly string[];
  readonly noReplyAfter?: number;
}

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
    ...(classifier === undefined ? {} : { classifier }),
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

async function countChats({ db, options: { channel } }: Context<Own>, spans: readonly Span[]): Promise<Total> {
  const { rows } = await db.query<{ count: string }>(
    `select count(*)
       from "Conversation"
      where ($1::uuid is null or id > $1)
        and ($2::text[] is null or channel::text = any ($2))`,
    [spans[0]?.after?.id ?? null, channel ?? null],
  );
  return { items: Number(rows[0]?.count), exact: true };
}

async function* chatsAfter(context: Context<Own>, span: Span, demand: Demand): AsyncGenerator<ChatPage, Ended> {
  const opened = openClassifier(context);
  const query = queryOf(context, opened);
  const start = span.after?.id;
  for (let after = start === undefined || start === null ? undefined : String(start); ; ) {
    const limit = Math.min(demand.items, demand.left);
    const chats = await readChats(context.db, { ...query, after, limit: Math.max(1, limit) });
    const last = chats.at(-1);
    if (last === undefined) {
      yield lastPage(opened, after);
      return "end";
    }
    if (limit <= 0) {
      yield lastPage(opened, after);
      return "limit";
    }
    const quarantined = await unresolvedAmong(
      context.db,
      NAME,
      chats.map(({ id }) => id),
    );
    const { judged, refused, dealt, stopped } = await judge(chats, { ...opened, quarantined });
    const reached = dealt === chats.length ? last.id : (chats[dealt - 1]?.id ?? after);
    // Where nothing was reached, what was asked beside the first one is stored, and the cursor stays.
    yield sized({ ...frameOf(opened, reached), judged, refused });
    if (stopped !== undefined) throw stopped;
    demand.left -= chats.length;
    after = last.id;
  }
}

async function* chatsWith(context: Context<Own>, keys: readonly string[]): AsyncGenerator<ChatPage, Ended> {
  const opened = openClassifier(context);
  const query = queryOf(context, opened);
  for (const key of keys) {
    const chats = await readChats(context.db, { ...query, ids: [key], limit: 1 });
    const { judged, refused, stopped } = await judge(chats, { ...opened, quarantined: new Set() });
    if (stopped !== undefined) throw stopped;
    if (chats.length > 0) yield sized({ ...frameOf(opened, key), judged, refused });
  }
  yield lastPage(opened, undefined);
  return "end";
}

const queryOf = ({ options }: Context<Own>, { version }: Opened) => ({
  channels: options.channel,
  answeredBy: new Date(Date.now() - (options.noReplyAfter ?? NO_REPLY_AFTER_MS)),
  version,
});

const frameOf = (opened: Opened, id: string | undefined) => ({
  cursor: { id: id ?? null },
  step: 1,
  classifier: opened,
  counters: opened.usage(),
  last: false,
});

const lastPage = (opened: Opened, id: string | undefined): ChatPage =>
  sized({ ...frameOf(opened, id), judged: [], last: true });

export default batch;
await main(import.meta, batch);
