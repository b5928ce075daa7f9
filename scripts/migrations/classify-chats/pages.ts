/** Pages of judged conversations. */
import { unresolvedAmong } from "../../lib/journal/quarantine.ts";
import { readChats } from "../../lib/sources/chats.ts";
import type { Context, Demand, Ended, Span, Total } from "../../lib/task.ts";
import { type ClassifierOptions, type Opened, openClassifier } from "./classifier.ts";
import { judge } from "./judge.ts";
import { type ChatPage, sized } from "./page.ts";

export const NAME = "classify-chats";
/** A customer who has had no answer for so long is waiting in vain. */
const NO_REPLY_AFTER_MS = 24 * 3_600_000;

export interface Own extends ClassifierOptions {
  readonly channel?: readonly string[];
  readonly noReplyAfter?: number;
}

/** How many conversations lie behind the place where the run begins. */
export async function countChats(context: Context<Own>, spans: readonly Span[]): Promise<Total> {
  const { rows } = await context.db.query<{ count: string }>(
    `select count(*)
       from "Conversation"
      where ($1::uuid is null or id > $1)
        and ($2::text[] is null or channel::text = any ($2))`,
    [startOf(spans[0], openClassifier(context)) ?? null, context.options.channel ?? null],
  );
  return { items: Number(rows[0]?.count), exact: true };
}

/** All conversations in the order of their ids, judged. */
export async function* chatsAfter(context: Context<Own>, span: Span, demand: Demand): AsyncGenerator<ChatPage, Ended> {
  const opened = openClassifier(context);
  const query = queryOf(context, opened);
  let most = Number.POSITIVE_INFINITY;
  for (let after = startOf(span, opened); ; ) {
    const limit = Math.min(demand.items, demand.left, most);
    const chats = await readChats(context.db, { ...query, after, limit: Math.max(1, limit) });
    // Where they are long, the database is not asked to put together many more than it gives.
    most = chats.length < limit ? 2 * chats.length : 2 * most;
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

/** The conversations with these ids, one a page. */
export async function* chatsWith(context: Context<Own>, keys: readonly string[]): AsyncGenerator<ChatPage, Ended> {
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

/**
 * Where to begin. What another version of the classifier has left half done is begun anew: what is known is not asked again, and
 * no tag of the other is left.
 */
function startOf(span: Span | undefined, { version }: Opened): string | undefined {
  const { id, version: left } = span?.after ?? {};
  return typeof id === "string" && left === version ? id : undefined;
}

const queryOf = ({ options }: Context<Own>, { version }: Opened) => ({
  channels: options.channel,
  answeredBy: new Date(Date.now() - (options.noReplyAfter ?? NO_REPLY_AFTER_MS)),
  version,
});

const frameOf = (opened: Opened, id: string | undefined) => ({
  cursor: { id: id ?? null, version: opened.version },
  step: 1,
  classifier: opened,
  counters: opened.usage(),
  last: false,
});

const lastPage = (opened: Opened, id: string | undefined): ChatPage =>
  sized({ ...frameOf(opened, id), judged: [], last: true });
