/** Stands in for the buyer chat API of Wildberries: several sellers, told apart by their tokens. */
import { type Answer, type Asked, type Fault, type StandIn, startStandIn } from "./stand-in.ts";

export const CHATS_PATH = "/api/v1/seller/chats";
export const EVENTS_PATH = "/api/v1/seller/events";

/** An event as it is sent; whatever a test wants to be odd may be. */
export type WbEvent = Readonly<Record<string, unknown>> & { readonly addTimestamp?: unknown };

/** What a seller has, and how the service treats them. */
export interface Seller {
  readonly chats: Readonly<Record<string, unknown>>[];
  /** In the order of their times. */
  readonly events: WbEvent[];
  /** Events in a page; 100 unless given. */
  readonly pageSize?: number;
  /** How the page after the last event looks; "empty" unless given. */
  readonly lastPage?: "empty" | "null" | "bare" | "dated";
  /** Whether `next` brings the events of its own millisecond again; later ones only unless given. */
  readonly inclusive?: boolean;
  /** A token bucket; without it there is no limit. */
  readonly limit?: { readonly requests: number; readonly perMs: number };
}

export interface Wildberries extends StandIn {
  /** By token. What is changed here is what the next request sees. */
  readonly sellers: Map<string, Seller>;
  /** The requests for events, or for chats, of a seller or of all. */
  of(path: string, token?: string): Asked[];
}

/** Starts it for these sellers. The caller closes it. */
export async function startWildberries(sellers: Readonly<Record<string, Seller>> = {}): Promise<Wildberries> {
  const all = new Map(Object.entries(sellers));
  const buckets = new Map<string, number[]>();
  const standIn = await startStandIn((asked) => answerTo(all, buckets, asked));
  const of = (path: string, token?: string) =>
    standIn.asked.filter((one) => one.path === path && (token === undefined || one.headers.authorization === token));
  return { ...standIn, sellers: all, of };
}

function answerTo(sellers: Map<string, Seller>, buckets: Map<string, number[]>, asked: Asked): Answer {
  if (asked.path === "/ping") return { body: { TS: new Date().toISOString(), Status: "OK" } };
  const token = asked.headers.authorization ?? "";
  const seller = sellers.get(token);
  if (asked.method !== "GET") return { status: 405, body: { title: "method not allowed" } };
  if (seller === undefined) return unauthorized();
  const wait = secondsToWait(seller, token, buckets);
  if (wait > 0) return tooMany({ retry: wait, ...seller.limit });
  const headers = { "x-ratelimit-remaining": String(seller.limit?.requests ?? 10) };
  if (asked.path === CHATS_PATH) return { headers, body: { result: seller.chats, errors: null } };
  if (asked.path === EVENTS_PATH) return { headers, ...eventsAfter(seller, asked.query.get("next")) };
  return { status: 404, headers, body: { title: "path not found", origin: "proxy-chats" } };
}

/** Requests count for `perMs`; one that is refused does not. */
function secondsToWait({ limit }: Seller, token: string, buckets: Map<string, number[]>): number {
  if (limit === undefined) return 0;
  const now = Date.now();
  const recent = (buckets.get(token) ?? []).filter((at) => at > now - limit.perMs);
  const [first = now] = recent;
  if (recent.length >= limit.requests) return Math.ceil((first + limit.perMs - now) / 1_000);
  buckets.set(token, [...recent, now]);
  return 0;
}

function eventsAfter({ events, pageSize = 100, lastPage, inclusive }: Seller, next: string | null): Answer {
  if (next !== null && !/^\d+$/.test(next)) return badNext("Invalid number");
  if (next === "0") return badNext('Invalid value for "next"');
  const after = next === null ? Number.NEGATIVE_INFINITY : Number(next);
  const page = events.filter((event) => isAfter(timeOf(event), after, inclusive === true)).slice(0, pageSize);
  const [first] = page;
  const last = page.at(-1);
  if (first === undefined || last === undefined)
    return { body: { result: endOf(lastPage, Number(next)), errors: null } };
  const result = {
    next: timeOf(last),
    newestEventTime: dateOf(timeOf(last)),
    oldestEventTime: dateOf(timeOf(first)),
    totalEvents: page.length,
    events: page,
  };
  return { body: { result, errors: null } };
}

const isAfter = (time: number, after: number, inclusive: boolean) => (inclusive ? time >= after : time > after);

function endOf(form: Seller["lastPage"], next: number) {
  if (form === "bare") return { totalEvents: 0 };
  if (form === "null") return { next, totalEvents: 0, events: null };
  const empty = { next, totalEvents: 0, events: [] };
  return form === "dated" ? { ...empty, newestEventTime: dateOf(next), oldestEventTime: dateOf(next) } : empty;
}

const timeOf = ({ addTimestamp, addTime }: WbEvent): number =>
  typeof addTimestamp === "number" ? addTimestamp : Date.parse(String(addTime));

const dateOf = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`;

const PROBLEM = { "content-type": "application/problem+json" };
const CATALOG = { requestId: "r-1", origin: "s2s-api-auth-catalog", timestamp: "2026-01-01T00:00:00Z" };

export const unauthorized = (): Answer => ({
  status: 401,
  headers: PROBLEM,
  body: {
    title: "unauthorized",
    detail: "token is malformed",
    code: "07",
    status: 401,
    statusText: "Unauthorized",
    ...CATALOG,
  },
});

/** A 429: with the service's three headers, or, without `retry`, with none. */
export const tooMany = ({ retry, requests = 10 }: { retry?: number; requests?: number } = {}): Answer => ({
  status: 429,
  headers: {
    ...PROBLEM,
    ...(retry === undefined
      ? {}
      : {
          "x-ratelimit-retry": String(retry),
          "x-ratelimit-limit": String(requests),
          "x-ratelimit-reset": String(retry * requests),
        }),
  },
  body: {
    title: "too many requests",
    detail: "limited",
    code: "06",
    status: 429,
    statusText: "Too Many Requests",
    ...CATALOG,
  },
});

const badNext = (detail: string): Answer => ({
  status: 400,
  body: { status: 400, title: "bad request", origin: "proxy-chats", detail, requestId: "r-1", error: detail },
});

/** Hits requests for this path, of this seller where a token is given. */
export const onPath = (path: string, fault: Omit<Fault, "when">, token?: string): Fault => ({
  ...fault,
  when: (asked) => asked.path === path && (token === undefined || asked.headers.authorization === token),
});
