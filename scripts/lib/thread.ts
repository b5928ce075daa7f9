/** A conversation with its customer and messages: what every chat source is turned into, and what the sink stores. */
import { storableKey } from "./item-key.ts";
import type { Cursor, ItemError, Page } from "./page.ts";

export type Role = "user" | "assistant" | "system" | "tool";

/** The labels of the enum "Channel". */
export const CHANNELS = [
  "messenger",
  "sms",
  "whatsapp",
  "telegram",
  "instagram",
  "email",
  "webchat",
  "freshchat",
  "wildberries",
  "other",
] as const;

export type Channel = (typeof CHANNELS)[number];

/** Who talks to us. */
export interface Person {
  /** Names the person at the source, such as "phone:995599123456"; a new customer's id follows from it. */
  readonly key: string;
  readonly name?: string;
  /** Digits only. */
  readonly phone?: string;
  /** Kept in `external_refs` as entity type `nick`. */
  readonly nick?: string;
}

export interface ThreadMessage {
  /** Its id at the source: `metadata.sourceId`. */
  readonly id: string;
  /** Its key in the quarantine. */
  readonly key: string;
  readonly role: Role;
  readonly content: string;
  /** ISO 8601 with its offset. */
  readonly at: string;
  /** What else is worth keeping; `source`, `sourceId`, `createdBy` and `runId` are added by the sink. */
  readonly metadata?: Readonly<Record<string, unknown>>;
}

/**
 * How much of the conversation the source has given, this page included. "unknown": nothing new is known about it. "unfinished":
 * more pages follow. "window": only what was asked for. "partial": not all that was asked for can be shown to be there.
 */
export type Coverage =
  | { readonly kind: "complete" | "unknown" | "unfinished" }
  | { readonly kind: "partial" | "window"; readonly reason: string };

export interface Thread {
  /** Its id at the source: `external_id`. */
  readonly id: string;
  /** What its row's id follows from, and its key in the quarantine: `id`, or, where accounts may share ids, account and id. */
  readonly key: string;
  readonly channel: Channel;
  readonly storeId?: string;
  readonly channelAccount?: string;
  /** Of a new conversation. */
  readonly status?: string;
  /** Of a new conversation; without it that of its oldest message. */
  readonly startedAt?: string;
  /** Of a new conversation. */
  readonly metadata?: Readonly<Record<string, unknown>>;
  readonly person?: Person;
  readonly coverage: Coverage;
  /** In no order. */
  readonly messages: readonly ThreadMessage[];
}

/** One step of a source: some of a conversation, or only numbers. */
export interface Fetched {
  readonly thread?: Thread;
  /** What the source could not make a thread or a message of. */
  readonly refused?: readonly ItemError[];
  /** Items left out on purpose, by reason. */
  readonly skipped?: Readonly<Record<string, number>>;
  /** Whatever else the batch counts. */
  readonly counters?: Readonly<Record<string, number>>;
  readonly problems?: readonly ItemError[];
  /** What people read about it, told how many messages were new once they are stored. */
  readonly line?: (stored: Stored) => string;
  /** What is counted and said instead where the conversation itself is in quarantine, and with it its messages. */
  readonly ifRefused?: { readonly counters: Readonly<Record<string, number>>; readonly line?: string };
  /** Keys that leave the quarantine once this is stored. */
  readonly settles?: readonly string[];
  /** Where the source stands afterwards. */
  readonly cursor: Cursor;
}

/** What became of a thread's messages on its page. */
export interface Stored {
  readonly created: number;
  readonly existing: number;
  readonly quarantined: number;
}

/** Threads that are stored in one transaction. */
export interface ThreadPage extends Page {
  /** Where the source stood before them. */
  readonly start: Cursor;
  readonly parts: readonly Fetched[];
  /** Of the page as a whole, such as the requests that were made for it. */
  readonly counters: Readonly<Record<string, number>>;
}

/** How many items a part counts for: its messages, and at least one where it has a thread. */
export const sizeOf = ({ thread }: Fetched): number => (thread === undefined ? 0 : Math.max(1, thread.messages.length));

/** A page of these parts. */
export function pageOf(
  parts: readonly Fetched[],
  { start, cursor, counters = {} }: Pick<ThreadPage, "start" | "cursor"> & Partial<Pick<ThreadPage, "counters">>,
): ThreadPage {
  const size = parts.reduce((sum, part) => sum + sizeOf(part), 0);
  const key = size === 1 ? keyOfOne(parts) : undefined;
  return {
    start,
    cursor,
    counters,
    parts,
    size,
    ...(key === undefined ? {} : { key }),
    refused: parts.flatMap(({ refused = [] }) => refused),
    settles: parts.flatMap(({ settles = [] }) => settles),
  };
}

function keyOfOne(parts: readonly Fetched[]): string | undefined {
  const thread = parts.find((part) => part.thread !== undefined)?.thread;
  return thread?.messages[0]?.key ?? thread?.key;
}

/** A key in the quarantine, put together from names of the source: "501/4f1c…". */
export const quarantineKey = (...names: readonly string[]): string =>
  storableKey(
    names.map((name) => name.replaceAll("%", "%25").replaceAll("/", "%2F").replaceAll("\0", "%00")).join("/"),
  );

/** The names that a key was put together from; of those of a long key, the first ones. */
export const namesIn = (key: string): string[] =>
  key.split("/").map((name) => name.replaceAll("%2F", "/").replaceAll("%00", "\0").replaceAll("%25", "%"));
