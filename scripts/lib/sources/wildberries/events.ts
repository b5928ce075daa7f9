/** A page of the stream as parts: a thread for each chat with its messages, then what the page counts for. */
import type { ThreadMessage } from "../../thread.ts";
import { presentOf, type Reading, readEvent } from "./message.ts";
import { StoreFailed, type StoreNote, type StorePart, threadOf } from "./steps.ts";

/** So many odd ones, and not one that fits: it is not the items that are odd. */
const HOPELESS = 20;

/** The parts of a page of events; the last one carries the note. */
export function partsOf(store: string, events: readonly unknown[], note: StoreNote): StorePart[] {
  const readings = events.map((event) => readEvent(store, event));
  const refused = readings.flatMap(({ key, outcome }) => ("refused" in outcome ? [{ key, ...outcome.refused }] : []));
  const [first] = refused;
  if (refused.length >= HOPELESS && refused.length === readings.length)
    throw new StoreFailed("SCHEMA", `none of ${refused.length} events can be read: ${first?.message}`);
  const counts = { refused, skipped: skipsIn(readings), counters: { eventsFetched: readings.length } };
  return [...threadsIn(store, readings).map((thread) => ({ thread })), { ...counts, note }];
}

/** A thread for each chat that the events name, in the order in which they do. */
export function threadsIn(store: string, readings: readonly Reading[]) {
  const chats = new Map<string, Reading[]>();
  for (const reading of readings) {
    const id = reading.event?.chatID;
    if (id === undefined) continue;
    const known = chats.get(id);
    if (known === undefined) chats.set(id, [reading]);
    else known.push(reading);
  }
  return [...chats].map(([id, own]) => threadOf(store, id, { messages: messagesIn(own), ...headerOf(own) }));
}

const messagesIn = (readings: readonly Reading[]): ThreadMessage[] =>
  readings.flatMap(({ outcome }) => ("message" in outcome ? [outcome.message] : []));

/** What a chat that is in no list is known by. */
function headerOf(readings: readonly Reading[]): { metadata: Record<string, unknown>; startedAt?: string } {
  const named = (field: "clientName" | "clientID") => readings.find(({ event }) => event?.[field])?.event?.[field];
  const earliest = readings.reduce((least, { ms }) => Math.min(least, ms ?? least), Number.POSITIVE_INFINITY);
  return {
    metadata: presentOf({ clientName: named("clientName"), clientId: named("clientID") }),
    ...(Number.isFinite(earliest) ? { startedAt: new Date(earliest).toISOString() } : {}),
  };
}

function skipsIn(readings: readonly Reading[]): Record<string, number> {
  const skips: Record<string, number> = {};
  for (const { outcome } of readings)
    if ("skipped" in outcome) skips[outcome.skipped] = (skips[outcome.skipped] ?? 0) + 1;
  return skips;
}
