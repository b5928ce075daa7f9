/** What chats and events are called in the quarantine: from as much of them as there is, and enough to find them again. */
import { createHash } from "node:crypto";
import { storable } from "../../storable.ts";
import { quarantineKey } from "../../thread.ts";

/** In characters: a longer one is none of theirs. */
export const LONGEST_NAME = 500;

/** In bytes, of which each may become three: longer names are hashed, so that the quarantine keeps a key of two of them whole. */
const LONGEST_IN_KEY = 300;

/** Chat ids are a seller's own: two stores may share them. */
export const chatKey = (store: string, id: string): string => `${store}/${storable(id)}`;

/** That of an item in the list of chats, whatever it looks like. */
export function keyOfChat(store: string, item: unknown): string {
  const { chatID } = fieldsOf(item);
  return chatKey(store, isName(chatID) ? nameOf(chatID) : hashOf(JSON.stringify(item)));
}

/** That of an item in the stream, with its time in milliseconds where it has one. */
export function keyOfEvent(store: string, item: unknown, ms: number | undefined): string {
  const { chatID, eventID } = fieldsOf(item);
  return quarantineKey(
    store,
    isName(chatID) ? nameOf(chatID) : "",
    ms === undefined ? "" : String(ms),
    isName(eventID) ? nameOf(eventID) : hashOf(JSON.stringify(item)),
  );
}

/** An item's fields; none where it is no object. */
export const fieldsOf = (item: unknown): Readonly<Record<string, unknown>> =>
  typeof item === "object" && item !== null ? (item as Record<string, unknown>) : {};

const isName = (value: unknown): value is string => typeof value === "string" && value !== "";

const nameOf = (text: string): string => (Buffer.byteLength(text) > LONGEST_IN_KEY ? hashOf(text) : storable(text));

const hashOf = (text: string): string => `md5:${createHash("md5").update(text).digest("hex")}`;
