/** What becomes of one event: a message, nothing with a reason, or an item for the quarantine. */
import type { ItemError } from "../../page.ts";
import type { Role, ThreadMessage } from "../../thread.ts";
import { fieldsOf, keyOfEvent } from "./names.ts";
import { EVENT, type Event, MESSAGE, type Message, misfitOf } from "./wire.ts";

const ROLES: Readonly<Record<string, Role>> = { client: "user", seller: "assistant", wb: "system" };
/** The only type today. */
const MESSAGE_TYPE = "message";

/** The years 2000 to 9999: what lies before was sent in seconds, and PostgreSQL would not take what lies behind. */
const EARLIEST_MS = Date.UTC(2000, 0);
const LATEST_MS = Date.UTC(9999, 11, 31);
const ISO_WITH_OFFSET = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)$/;
/** Of what the source sent, in a message. */
const QUOTED_CHARACTERS = 20;

export type Skip = "noMessage" | "unknownType";

/** An event as far as it could be read. */
export interface Reading {
  readonly key: string;
  /** Undefined where not even its chat is known. */
  readonly event?: Event;
  /** Milliseconds. */
  readonly ms?: number;
  readonly outcome:
    | { readonly message: ThreadMessage }
    | { readonly skipped: Skip }
    | { readonly refused: Omit<ItemError, "key"> };
}

/** Reads one item of the stream. */
export function readEvent(storeId: string, item: unknown): Reading {
  const { success, data: event, error } = EVENT.safeParse(item);
  const ms = timeOf(item);
  const key = keyOfEvent(storeId, item, ms);
  const known = { key, ...(ms === undefined ? {} : { ms }) };
  if (!success) return { ...known, outcome: { refused: { code: "SCHEMA", message: `An event: ${misfitOf(error)}` } } };
  return { ...known, event, outcome: outcomeOf(event, item, { key, ms }) };
}

/** `addTimestamp`, else `addTime`; undefined where neither is a time that can be meant. */
export function timeOf(item: unknown): number | undefined {
  const { addTimestamp, addTime } = fieldsOf(item);
  const stamp = typeof addTimestamp === "string" && /^\d+$/.test(addTimestamp) ? Number(addTimestamp) : addTimestamp;
  if (typeof stamp === "number") return isPlausible(stamp) ? stamp : undefined;
  if (typeof addTime !== "string" || !ISO_WITH_OFFSET.test(addTime)) return undefined;
  const ms = Date.parse(addTime);
  return isPlausible(ms) ? ms : undefined;
}

const isPlausible = (ms: number): boolean => Number.isInteger(ms) && ms >= EARLIEST_MS && ms <= LATEST_MS;

function outcomeOf(
  event: Event,
  item: unknown,
  { key, ms }: { key: string; ms: number | undefined },
): Reading["outcome"] {
  if (event.eventType !== MESSAGE_TYPE) return { skipped: "unknownType" };
  const { success, data: message, error } = MESSAGE.safeParse(fieldsOf(item).message);
  if (!success) return refusal("SCHEMA", `An event's message: ${misfitOf(error)}`);
  const content = contentOf(message);
  if (content === undefined) return { skipped: "noMessage" };
  const role = ROLES[event.sender ?? ""];
  if (role === undefined) return refusal("SENDER", `Nobody knows the sender ${quote(event.sender)}.`);
  if (ms === undefined) return refusal("TIME", "Neither addTimestamp nor addTime is a time.");
  const at = new Date(ms).toISOString();
  return { message: { id: event.eventID, key, role, content, at, metadata: metadataOf(event, message) } };
}

const refusal = (code: string, message: string): Reading["outcome"] => ({ refused: { code, message } });

/** Its text, else what is attached; undefined where there is neither. */
function contentOf(message: Message): string | undefined {
  if (message?.text != null && message.text.trim() !== "") return message.text;
  const { images, files, goodCard } = message?.attachments ?? {};
  const placeholders = [
    ...(images ?? []).map(() => "[image]"),
    ...(files ?? []).map(({ name }) => (name ? `[file: ${name}]` : "[file]")),
    ...(goodCard == null ? [] : [goodCard.nmID == null ? "[product card]" : `[product card ${goodCard.nmID}]`]),
  ];
  return placeholders.length === 0 ? undefined : placeholders.join(" ");
}

function metadataOf(event: Event, message: Message): Record<string, unknown> {
  const { sender, eventType, source, isNewChat, clientName } = event;
  const attachments = presentOf(message?.attachments ?? {});
  return presentOf({
    sender,
    eventType,
    wbSource: source,
    isNewChat,
    clientName,
    attachments: Object.keys(attachments).length === 0 ? undefined : attachments,
  });
}

/** Without what is null or undefined. */
export const presentOf = (fields: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value != null));

const quote = (text: string | null | undefined): string =>
  text == null ? "(none)" : JSON.stringify(text.slice(0, QUOTED_CHARACTERS));
