/** A stand-in for Freshchat v2: conversations whose messages come in pages, newest first, in each of the ways that were seen. */
import { type Answer, type Asked, type StandIn, startStandIn } from "./stand-in.ts";

export const TOKEN = "eyJhbGciOiJIUzI1NiJ9.stand-in-freshchat-token";
const MOST_ON_A_PAGE = 50;
const DEFAULT_ON_A_PAGE = 20;
/** When its first conversation begins. */
const BEGINNING = Date.parse("2024-01-05T10:00:00.000Z");

/** A message as the service keeps it: any JSON, so that tests can put in whatever they like. */
export type Wire = Readonly<Record<string, unknown>>;

export interface Variant {
  /** How a page leads to the next: by a link that moves a time, or by page numbers. */
  readonly paging?: "link" | "numbers";
  /** Whether the messages at the time of the link come again. */
  readonly border?: "exclusive" | "inclusive";
  /** Within a page the order means nothing. */
  readonly shuffled?: boolean;
  /** Fewer on a page than are asked for. */
  readonly mostOnPage?: number;
  /** Links name the whole address. */
  readonly absolute?: boolean;
}

export interface Freshchat extends StandIn {
  /** By conversation, oldest first. Tests add, change and remove as they like. */
  readonly conversations: Map<string, Wire[]>;
  /** Of conversations that say something about themselves other than the usual. */
  readonly headers: Map<string, Wire>;
  variant: Variant;
}

/** Starts it, without conversations. The caller closes it. */
export async function startFreshchat(variant: Variant = {}): Promise<Freshchat> {
  const conversations = new Map<string, Wire[]>();
  const headers = new Map<string, Wire>();
  const standIn = await startStandIn((asked) => answerTo(service, asked));
  const service: Freshchat = { ...standIn, conversations, headers, variant };
  return service;
}

/** What the environment of a run holds so that it finds the stand-in, and loses no time. */
export const environmentOf = ({ url }: Pick<StandIn, "url">): Readonly<Record<string, string>> => ({
  FRESHCHAT_URL: url,
  FRESHCHAT_TOKEN: TOKEN,
  RATE_LIMIT_DELAY: "0",
  BATCH_DELAY: "0",
  PAGE_DELAY: "0",
});

/** A message with text, as the service sends it; `fields` replace what they name. */
export function message(conversation: string, number: number, fields: Wire = {}): Wire {
  const actor_type = number % 2 === 0 ? "agent" : "user";
  return {
    id: `${conversation}-m${number}`,
    conversation_id: conversation,
    app_id: "app-1",
    channel_id: "channel-1",
    actor_type,
    actor_id: `${actor_type}-1`,
    message_type: "normal",
    message_source: "WEB",
    created_time: new Date(BEGINNING + number * 60_000).toISOString(),
    message_parts: [{ text: { content: `text ${number}` } }],
    unknown_field: { of: "a later version" },
    ...fields,
  };
}

/** Messages 1 to `count`, a minute apart. */
export const messages = (conversation: string, count: number): Wire[] =>
  Array.from({ length: count }, (_, index) => message(conversation, index + 1));

const RATE = { "x-ratelimit-limit": "1000", "x-ratelimit-remaining": "999" };

function answerTo(service: Freshchat, asked: Asked): Answer {
  if (asked.headers.authorization !== `Bearer ${TOKEN}`)
    return { status: 401, body: "<html><body>401 Authorization Required</body></html>" };
  const [, id = "", list] = /^\/v2\/conversations\/(.+?)(\/messages)?$/.exec(asked.path) ?? [];
  const all = service.conversations.get(id);
  if (asked.method !== "GET" || all === undefined)
    return { status: 404, headers: RATE, body: { code: 404, status: "NOT_FOUND", message: "not found" } };
  const headers = { ...RATE, "x-ratelimit-reset": String(Math.ceil(Date.now() / 1_000) + 60) };
  return { headers, body: list === undefined ? headerOf(service, id, all) : pageOf(service, id, all, asked) };
}

const headerOf = ({ headers }: Freshchat, id: string, all: readonly Wire[]): Wire => ({
  conversation_id: id,
  conversation_internal_id: 17,
  app_id: "app-1",
  user_id: "user-1",
  status: "resolved",
  channel_id: "channel-1",
  assigned_agent_id: "agent-1",
  properties: {},
  created_time: all[0]?.created_time ?? new Date(BEGINNING).toISOString(),
  ...headers.get(id),
});

function pageOf(service: Freshchat, id: string, all: readonly Wire[], { query }: Asked): unknown {
  const { paging = "link", mostOnPage = MOST_ON_A_PAGE } = service.variant;
  const wanted = Number(query.get("items_per_page") ?? DEFAULT_ON_A_PAGE);
  const size = Math.min(wanted, mostOnPage, MOST_ON_A_PAGE);
  const newest = all.toReversed();
  return paging === "numbers" ? numbered(service, newest, size, query) : linked(service, id, newest, size, query);
}

function numbered({ variant }: Freshchat, newest: readonly Wire[], size: number, query: URLSearchParams): unknown {
  const page = Number(query.get("page") ?? 1);
  const total_pages = Math.ceil(newest.length / size);
  return {
    messages: inSomeOrder(newest.slice((page - 1) * size, page * size), variant),
    pagination: { total_items: newest.length, total_pages, current_page: page, items_per_page: size },
  };
}

/** The link's time is that of the page's last message; where more messages than that share it, the page is longer. */
function linked(
  { variant, url }: Freshchat,
  id: string,
  newest: readonly Wire[],
  size: number,
  query: URLSearchParams,
): unknown {
  const { border = "exclusive", absolute = false } = variant;
  const from = query.get("from_time");
  const rest = newest.filter(({ created_time }) => {
    if (from === null) return true;
    return border === "inclusive" ? String(created_time) <= from : String(created_time) < from;
  });
  const last = rest[size - 1];
  const page = rest.filter((one, index) => index < size || one.created_time === last?.created_time);
  if (last === undefined || page.length === rest.length) return { messages: inSomeOrder(page, variant) };
  const path = `/v2/conversations/${encodeURIComponent(id)}/messages?page=1&items_per_page=${size}&from_time=${last.created_time}`;
  return { messages: inSomeOrder(page, variant), link: { href: absolute ? `${url}${path}` : path, rel: "next" } };
}

/** Not by chance, so that a test that fails does so again: every other message first. */
const inSomeOrder = (page: readonly Wire[], { shuffled = false }: Variant): readonly Wire[] =>
  shuffled ? [...page.filter((_, index) => index % 2 === 1), ...page.filter((_, index) => index % 2 === 0)] : page;
