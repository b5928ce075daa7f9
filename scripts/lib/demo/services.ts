/** Umnico, Freshchat and Wildberries as stand-ins on this machine that hold made-up chats: no account is needed to ask them. */
import {
  environmentOf,
  type Freshchat,
  message,
  startFreshchat,
  type Wire,
} from "../../../tests/helpers/stand-ins/freshchat.ts";
import { startUmnico, type Umnico } from "../../../tests/helpers/stand-ins/umnico.ts";
import { startWildberries, type WbEvent, type Wildberries } from "../../../tests/helpers/stand-ins/wildberries.ts";
import { chatOf, eventOf, tokenOf } from "../../../tests/helpers/stand-ins/wildberries-rows.ts";
import { type Line, makeChats } from "./chats.ts";

const CHATS = 60;

/** What each service holds. */
export const TALKS = { umnico: makeChats(CHATS, 6), freshchat: makeChats(CHATS, 7), wildberries: makeChats(CHATS, 8) };

/** Of Wildberries; each has half of its chats. */
export const STORES = ["tea-house", "wool-and-felt"];

/** Far in the future: the year 2100. */
const EXPIRES = 4_102_444_800;

interface StandIns {
  readonly umnico: Umnico;
  readonly freshchat: Freshchat;
  readonly wildberries: Wildberries;
}

/** Does the work while the services answer, and while the environment leads the importers to them. */
export async function withServices<T>(work: () => Promise<T>): Promise<T> {
  const { env } = process;
  const [umnico, freshchat, wildberries] = [await startUmnico(), await startFreshchat(), await startWildberries()];
  talk({ umnico, freshchat, wildberries });
  process.env = { ...env, ...variablesFor({ umnico, freshchat, wildberries }) };
  try {
    return await work();
  } finally {
    process.env = env;
    for (const service of [umnico, freshchat, wildberries]) await service.close();
  }
}

/** What leads the importers to the stand-ins. A variable that is set to nothing counts as not set. */
const variablesFor = ({ umnico, freshchat, wildberries }: StandIns): NodeJS.ProcessEnv => ({
  PLAYWRIGHT_UMNICO_URL: umnico.url,
  ...environmentOf(freshchat),
  FRESHCHAT_DOMAIN: "",
  BATCH_SIZE: "",
  VERBOSE_LOG: "",
  WB_CHAT_API_URL: wildberries.url,
});

/** Gives each service its chats; Freshchat is asked too often at once. */
function talk({ umnico, freshchat, wildberries }: StandIns): void {
  umnico.dialogs.push(
    ...TALKS.umnico.map(({ lines, ...who }, i) => ({
      id: String(500 + i),
      phone: [who.phone, who.nick, who.name][i % 3] ?? "",
      messages: lines.map(({ at, text, side }) => {
        const direction = side === "customer" ? ("incoming" as const) : ("outgoing" as const);
        return { at: at.toISOString(), text, direction };
      }),
    })),
  );
  for (const [i, { lines }] of TALKS.freshchat.entries())
    freshchat.conversations.set(freshchatId(i), lines.map(toFreshchat(freshchatId(i))));
  freshchat.faults.push({ answer: { status: 429, headers: { "retry-after": "1" }, body: { code: 429 } } });
  for (const [s, store] of STORES.entries()) {
    const chats = TALKS.wildberries.map((chat, i) => [chat, `${store}-${i}`] as const).filter((_, i) => i % 2 === s);
    const events = chats.flatMap(([{ lines }, id]) => lines.map(toEvent(id)));
    wildberries.sellers.set(tokenFor(store), {
      chats: chats.map(([{ name }, id]) => chatOf(id, { clientName: name })),
      events: inOrder(events),
    });
  }
}

export const freshchatId = (i: number): string => `conversation-${i}`;

const toFreshchat =
  (id: string) =>
  ({ side, text, at }: Line, i: number): Wire =>
    message(id, i, {
      actor_type: side === "customer" ? "user" : "agent",
      created_time: at.toISOString(),
      message_parts: [{ text: { content: text } }],
    });

const toEvent =
  (id: string) =>
  ({ side, text, at }: Line, i: number): WbEvent =>
    eventOf(id, i, {
      sender: side === "customer" ? "client" : "seller",
      addTimestamp: at.getTime(),
      addTime: at.toISOString(),
      message: { text },
    });

/** No two at the same time: where a page ended between them, the second would not be given. */
const inOrder = (events: readonly WbEvent[]): WbEvent[] =>
  events
    .toSorted((a, b) => Number(a.addTimestamp) - Number(b.addTimestamp))
    .map((event, i) => ({ ...event, addTimestamp: Number(event.addTimestamp) + i }));

/** The same whenever it is asked for: the stand-in knows a store by it. */
export const tokenFor = (store: string): string => tokenOf(store, { exp: EXPIRES });
