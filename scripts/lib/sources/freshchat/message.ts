/** One message of a conversation: to be kept, left out, or refused. */
import { createHash } from "node:crypto";
import type { z } from "zod";
import type { ItemError } from "../../page.ts";
import { quarantineKey, type Role, type ThreadMessage } from "../../thread.ts";
import { textOfParts } from "./text.ts";
import { type Time, timeOf } from "./time.ts";
import { WIRE_MESSAGE, type WireMessage } from "./wire.ts";

/** What a page holds, message by message. */
export interface Item {
  /** Its id, or, where it has none, the hash of all that it is. */
  readonly name: string;
  /** Its key in the quarantine. */
  readonly key: string;
  /** When it was written, in milliseconds since 1970, where that can be read. */
  readonly time?: number;
  /** What is to be stored; without it, it is a system message, or it is refused. */
  readonly message?: ThreadMessage;
  readonly refused?: ItemError;
}

const ROLES: ReadonlyMap<string, Role> = new Map([
  ["user", "user"],
  ["agent", "assistant"],
  ["bot", "assistant"],
]);

/** Deeper than any form that an agent builds, and far less than what makes PostgreSQL or node run out of stack. */
const MOST_LEVELS = 200;

/** What is kept beside the text, by its name in the metadata. */
const KEPT = {
  actorType: "actor_type",
  actorId: "actor_id",
  messageType: "message_type",
  messageSource: "message_source",
  userId: "user_id",
  orgActorId: "org_actor_id",
  interactionId: "interaction_id",
  inReplyTo: "in_reply_to",
  metaData: "meta_data",
  status: "status",
  errorCode: "error_code",
  errorMessage: "error_message",
} as const satisfies Record<string, keyof WireMessage>;

/** Reads what stands in a conversation's list of messages. */
export function readItem(raw: unknown, conversation: string): Item {
  const deep = isDeeper(raw, MOST_LEVELS);
  const name = nameOf(raw, deep);
  const key = quarantineKey(conversation, name);
  const refuse = (code: string, message: string, time?: Time): Item => ({
    ...{ name, key, refused: { key, code, message } },
    ...(time === undefined ? {} : { time: time.ms }),
  });
  if (deep) return refuse("SCHEMA", `nested more than ${MOST_LEVELS} levels deep`);
  const read = WIRE_MESSAGE.safeParse(raw);
  if (!read.success) return refuse("SCHEMA", complaintAbout(read.error));
  const wire = read.data;
  const time = timeOf(wire.created_time);
  if (isSystem(wire)) return { name, key, ...(time === undefined ? {} : { time: time.ms }) };
  if (blank(wire.id)) return refuse("NO_ID", "the message has no id", time);
  const parts = [...(wire.message_parts ?? []), ...(wire.reply_parts ?? [])];
  if (parts.length === 0) return refuse("NO_PARTS", "the message has no parts", time);
  if (time === undefined) return refuse("TIME", "created_time is not a time in ISO 8601");
  const role = isPrivate(wire) ? "system" : ROLES.get(wire.actor_type?.toLowerCase() ?? "");
  if (role === undefined) return refuse("ACTOR", "actor_type is none of user, agent, bot and system", time);
  const message = { id: name, key, role, content: textOfParts(parts), at: time.iso, metadata: metadataOf(wire) };
  return { name, key, time: time.ms, message };
}

/** A note of one agent to another. */
export const isPrivateNote = ({ metadata }: ThreadMessage): boolean => metadata?.private === true;

/** By its type, its actor or its source, in any case. */
const isSystem = ({ actor_type, message_type, message_source }: WireMessage): boolean =>
  [actor_type, message_type, message_source].some((word) => word?.toLowerCase() === "system");

const isPrivate = ({ message_type, botsPrivateNote }: WireMessage): boolean =>
  message_type?.toLowerCase() === "private" || String(botsPrivateNote).toLowerCase() === "true";

/** What is null or absent is left out. */
function metadataOf(wire: WireMessage): Record<string, unknown> {
  const kept = Object.entries(KEPT).map(([name, field]) => [name, wire[field]] as const);
  return Object.fromEntries([
    ...kept.filter(([, value]) => value !== undefined && value !== null),
    ...(isPrivate(wire) ? [["private", true]] : []),
    ...(blankList(wire.message_parts) ? [] : [["parts", wire.message_parts]]),
    ...(blankList(wire.reply_parts) ? [] : [["replyParts", wire.reply_parts]]),
  ]);
}

function nameOf(raw: unknown, deep: boolean): string {
  const id = typeof raw === "object" && raw !== null && "id" in raw ? raw.id : undefined;
  if (typeof id === "string" && !blank(id)) return id;
  if (deep) return "#deep";
  return `#${createHash("sha256").update(JSON.stringify(raw)).digest("hex").slice(0, 32)}`;
}

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  return levels === 0 || Object.values(value).some((inner) => isDeeper(inner, levels - 1));
}

/** Where it is not of the shape that was expected; never what stands there. */
function complaintAbout({ issues }: z.ZodError): string {
  const [first] = issues;
  return `${first?.path.join(".") || "the message"}: ${first?.message ?? "not of the expected shape"}`;
}

const blank = (text: string | null | undefined): boolean => (text ?? "").trim() === "";
const blankList = (list: readonly unknown[] | null | undefined): boolean => (list ?? []).length === 0;
