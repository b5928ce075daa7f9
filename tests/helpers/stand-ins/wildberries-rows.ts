/** Made-up sellers of Wildberries: tokens, chats and events. */
import type { Seller, WbEvent } from "./wildberries.ts";

/** 2023-11-14T22:13:20Z. */
export const FIRST_MS = 1_700_000_000_000;
const DAY_S = 86_400;

/** A token that says this of itself. Its signature is nonsense, as nobody verifies it here. */
export function tokenOf(name: string, payload: Readonly<Record<string, unknown>> = {}): string {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const exp = Math.floor(Date.now() / 1_000) + 180 * DAY_S;
  return `${part({ alg: "ES256" })}.${part({ id: name, sid: name, exp, s: 1 << 9, acc: 3, for: "self", ...payload })}.c2lnbmF0dXJl`;
}

export const chatOf = (id: string, rest: Readonly<Record<string, unknown>> = {}) => ({
  chatID: `1:${id}`,
  replySign: `1:${id}:secret-reply-sign`,
  clientName: `Buyer ${id}`,
  goodCard: { nmID: 1001, price: 100, priceCurrency: "RUB", rid: "r", size: "M" },
  lastMessage: { text: "Hello", addTimestamp: FIRST_MS },
  ...rest,
});

/** A message of a buyer, so many milliseconds after the first. */
export const eventOf = (chat: string, n: number, rest: Readonly<Record<string, unknown>> = {}): WbEvent => ({
  chatID: `1:${chat}`,
  eventID: `ev-${chat}-${n}`,
  eventType: "message",
  isNewChat: false,
  sender: "client",
  clientName: `Buyer ${chat}`,
  source: "ios",
  addTimestamp: FIRST_MS + n,
  addTime: `${new Date(FIRST_MS + n).toISOString().slice(0, 19)}Z`,
  message: { text: `text ${n}` },
  ...rest,
});

const SENDERS = ["client", "seller", "client", "wb"];
const SOURCES = ["ios", "seller-portal", "rusite", "global"];

/**
 * A seller with so many chats and events. Of a hundred events, one is without a message, one of an unknown type, one holds files
 * only; a tenth of the chats are in no list. No two events share a time.
 */
export function makeSeller(chats: number, events: number, rest: Partial<Seller> = {}, name = "c"): Seller {
  const list = Array.from({ length: chats }, (_, n) => n);
  return {
    chats: list.filter((n) => n % 10 !== 9).map((n) => chatOf(`${name}${n}`)),
    events: Array.from({ length: events }, (_, n) => madeEvent(`${name}${(n * 7) % chats}`, n + 1)),
    ...rest,
  };
}

function madeEvent(chat: string, n: number): WbEvent {
  const said = { sender: SENDERS[n % 4], source: SOURCES[n % 4] };
  if (n % 100 === 13) return eventOf(chat, n, { ...said, message: undefined });
  if (n % 100 === 37) return eventOf(chat, n, { ...said, eventType: "refund", refund: { id: n }, message: undefined });
  if (n % 100 === 59) return eventOf(chat, n, { ...said, message: { attachments: filesOf(n) } });
  const opening = n % 50 === 0 ? { isNewChat: true, replySign: `1:${chat}:secret-reply-sign` } : {};
  return eventOf(chat, n, { ...said, ...opening });
}

const filesOf = (n: number) => ({
  images: [{ date: "2023-11-14T22:13:20Z", downloadID: `d-${n}`, url: `https://example.test/${n}.jpg` }],
  files: [
    {
      contentType: "application/pdf",
      date: "2023-11-14T22:13:20Z",
      downloadID: `f-${n}`,
      name: "bill.pdf",
      url: `https://example.test/${n}.pdf`,
      size: 10,
    },
  ],
});
