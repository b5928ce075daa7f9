/**
 * Items of a store that are in quarantine, found again by their keys: an event by its time, a chat in the list. No request names a
 * chat's messages, so for those, and for events without a time, the whole stream is walked once.
 */
import type { Api } from "../../http/api.ts";
import type { ItemError } from "../../page.ts";
import { namesIn, pageOf, type ThreadMessage, type ThreadPage } from "../../thread.ts";
import { listChats } from "./chats.ts";
import { threadsIn } from "./events.ts";
import { type Reading, readEvent } from "./message.ts";
import { type StorePart, threadOf } from "./steps.ts";
import { eventPages, type Walk } from "./stream.ts";

/** What is wanted of one store. */
export interface Wanted {
  readonly store: string;
  /** By the event's time in milliseconds; those without one under undefined. */
  readonly events: Map<number | undefined, Set<string>>;
  /** Keys of threads. */
  readonly chats: Set<string>;
}

/** Sorts keys by their stores; those of stores that are not among these are strange. */
export function wantedOf(
  keys: readonly string[],
  stores: readonly string[],
): { wanted: readonly Wanted[]; strange: readonly string[] } {
  const strange: string[] = [];
  const longestFirst = [...stores].sort((a, b) => b.length - a.length); // an id may begin with another and a slash
  const all = new Map(stores.map((store): [string, Wanted] => [store, { store, events: new Map(), chats: new Set() }]));
  for (const key of keys) {
    const [name = "", , time = "", ...rest] = namesIn(key);
    const ofEvent = rest.length === 1 && /^\d*$/.test(time) ? all.get(name) : undefined;
    if (ofEvent !== undefined) {
      const ms = time === "" ? undefined : Number(time);
      ofEvent.events.set(ms, (ofEvent.events.get(ms) ?? new Set()).add(key));
      continue;
    }
    const store = longestFirst.find((id) => key.startsWith(`${id}/`));
    if (store === undefined) strange.push(key);
    else all.get(store)?.chats.add(key);
  }
  return { wanted: [...all.values()].filter(({ events, chats }) => events.size + chats.size > 0), strange };
}

/** A page for each wanted item that the source still has. */
export async function* namedItems(api: Api, wanted: Wanted, rest: Walk["rest"]): AsyncGenerator<ThreadPage, void> {
  const { store, events, chats } = wanted;
  if (chats.size > 0 || events.has(undefined)) yield* walkedItems(api, wanted, rest);
  events.delete(undefined);
  for (const time of [...events.keys()].sort((a, b) => Number(a) - Number(b))) {
    if (time === undefined || !events.has(time)) continue;
    const pages = eventPages(api, { from: String(time - 1), mayAsk: () => true, rest });
    for await (const page of pages) {
      const readings = page.events.map((event) => readEvent(store, event));
      for (const reading of readings) if (isTaken(events, reading)) yield pageOfEvent(store, reading);
      if (!events.has(time)) break;
      if (Number(page.next) > time && !readings.some(({ ms }) => ms === time)) break;
    }
    events.delete(time);
  }
}

/** Whether the event is wanted; it is taken out of the list. */
function isTaken(events: Wanted["events"], { key, ms }: Reading): boolean {
  const keys = events.get(ms);
  const taken = keys?.delete(key) === true;
  if (keys?.size === 0) events.delete(ms);
  return taken;
}

async function* walkedItems(
  api: Api,
  { store, events, chats }: Wanted,
  rest: Walk["rest"],
): AsyncGenerator<ThreadPage> {
  const found = new Map<string, StorePart[]>([...chats].map((key) => [key, []]));
  if (chats.size > 0)
    for (const part of await listChats(api, store))
      found.get(part.thread?.key ?? part.refused?.[0]?.key ?? "")?.push(part);
  for await (const page of eventPages(api, { mayAsk: () => true, rest })) {
    const readings = page.events.map((event) => readEvent(store, event));
    for (const reading of readings) if (isTaken(events, reading)) yield pageOfEvent(store, reading);
    for (const thread of threadsIn(store, readings)) found.get(thread.key)?.push({ thread });
  }
  for (const [key, parts] of found) if (parts.length > 0) yield pageOfChat(key, parts);
}

/** Nothing moves a cursor here. */
const PLACE = { start: {}, cursor: {} };

function pageOfEvent(store: string, { key, event, outcome }: Reading): ThreadPage {
  if ("refused" in outcome) return pageOf([{ refused: [{ key, ...outcome.refused }], ...PLACE }], PLACE);
  if ("skipped" in outcome) return pageOf([{ skipped: { [outcome.skipped]: 1 }, settles: [key], ...PLACE }], PLACE);
  const thread = threadOf(store, event?.chatID ?? "", { messages: [outcome.message] });
  return pageOf([{ thread, ...PLACE }], PLACE);
}

/** A chat with all its messages; or why it still is none, where the list holds it in a form that can't be read. */
function pageOfChat(key: string, parts: readonly StorePart[]): ThreadPage {
  const threads = parts.flatMap(({ thread }) => (thread === undefined ? [] : [thread]));
  const refused: ItemError[] = parts.flatMap((part) => part.refused ?? []);
  const [first] = threads;
  if (first === undefined) return pageOf([{ refused, ...PLACE }], PLACE);
  const messages: ThreadMessage[] = threads.flatMap((thread) => thread.messages);
  return pageOf([{ thread: { ...first, messages }, settles: [key], ...PLACE }], PLACE);
}
