/** Freshchat as a source: conversations one after the other, each in as many parts as it has pages. Never writes. */
import type { Queryable } from "../../db/database.ts";
import type { Cursor, Demand, ItemError } from "../../page.ts";
import type { Ended } from "../../task.ts";
import { type Fetched, quarantineKey } from "../../thread.ts";
import { readConversation, refusal, type Source, type State } from "./conversation.ts";
import { conversationsAfter, type Listed, type Place, placeIn, type Wanted } from "./conversations.ts";

/** Where the source stands: at a conversation, and, while that is not done, before one of its pages. */
type Standing = Place & {
  readonly conversation: string;
  readonly href: string | null;
  /** Null when the conversation is done. */
  readonly page: number | null;
  readonly whole: boolean;
  readonly left: boolean;
};

/** Before everything. */
export const START: Cursor = { row: null, line: null, conversation: null };

export interface Walked extends Source {
  readonly db: Queryable;
  readonly wanted: Wanted;
  /** Why a conversation stands in quarantine: then it is not asked for again. */
  quarantined(key: string): Promise<ItemError | undefined>;
  readonly say: (line: string) => void;
}

/** Everything behind a cursor, or as many conversations as are demanded. */
export async function* readConversations(
  source: Walked,
  after: Cursor | null,
  demand: Pick<Demand, "left">,
): AsyncGenerator<Fetched, Ended> {
  let [found, gone] = [0, 0];
  for await (const listed of listedFrom(source, after)) {
    if (demand.left <= 0) return "limit";
    demand.left -= 1;
    for await (const part of partsOf(source, listed)) {
      if (part.skipped?.gone) gone += 1;
      else found += 1;
      yield part;
    }
  }
  // An address that leads to another account, or nowhere, looks just so.
  if (gone > 0 && found === 0)
    source.say("  none of these conversations is there: is FRESHCHAT_DOMAIN the right account?");
  return "end";
}

interface Begun extends Listed {
  readonly from?: State | undefined;
}

/** First the conversation that the cursor stands in, where it is not done. */
async function* listedFrom({ db, wanted }: Walked, cursor: Cursor | null): AsyncGenerator<Begun> {
  const place = placeIn(cursor);
  const { conversation, href, page, whole, left } = (cursor ?? {}) as Partial<Standing>;
  if (place !== undefined && conversation && typeof page === "number") {
    const from = { ...(href ? { href } : {}), page, whole: whole === true, left: left === true };
    yield { id: conversation, place, from };
  }
  yield* conversationsAfter(db, place, wanted);
}

async function* partsOf(source: Walked, { id, place, from }: Begun): AsyncGenerator<Fetched> {
  const cursorAt = (state?: State): Standing => ({
    ...{ ...place, conversation: id, href: state?.href ?? null, page: state?.page ?? null },
    ...{ whole: state?.whole ?? false, left: state?.left ?? false },
  });
  const refused = await source.quarantined(quarantineKey(id));
  if (refused !== undefined) {
    yield { ...refusal(id, refused), cursor: cursorAt() };
    return;
  }
  for await (const { state, ...part } of readConversation(source, { id, isNew: place.line !== null, from }))
    yield { ...part, cursor: cursorAt(state) };
}
