/**
 * What the buyer chat API of Wildberries sends, as far as it is used. A frame must fit, or the store fails; the items in it are
 * looked at one by one, so that an odd one costs only itself. Fields that are merely kept may be odd or missing. `replySign`,
 * which allows to write to a buyer, is in none of these, so that it goes no further.
 */
import { z } from "zod";
import { LONGEST_NAME } from "./names.ts";

/** A field that is kept where it is as it should be. */
const kept = <T>(schema: z.ZodType<T>) => schema.nullish().catch(undefined);

/** Unix milliseconds, also as text. */
const milliseconds = z.union([z.int(), z.string().regex(/^\d+$/).transform(Number)]);

const goodCard = kept(
  z.object({
    nmID: kept(z.union([z.int(), z.string()])),
    price: kept(z.number()),
    priceCurrency: kept(z.string()),
    rid: kept(z.string()),
    size: kept(z.string()),
    date: kept(z.string()),
    statusID: kept(z.int()),
  }),
);

/** All chats of a store, in one answer. */
export const CHATS = z.object({
  result: z.array(z.unknown()).nullable(),
  errors: z.array(z.unknown()).nullish(),
});

/** A part of the stream of all events of a store. */
export const EVENTS = z.object({
  result: z.object({
    next: z.union([z.int(), z.string().regex(/^\d+$/)]).nullish(),
    totalEvents: z.int().nullish(),
    events: z.array(z.unknown()).nullish(),
  }),
  errors: z.array(z.unknown()).nullish(),
});
export type EventsFrame = z.infer<typeof EVENTS>;

export const CHAT = z.object({
  chatID: z.string().min(1).max(LONGEST_NAME),
  clientID: kept(z.string()),
  clientName: kept(z.string()),
  goodCard,
  lastMessage: kept(z.object({ addTimestamp: kept(milliseconds) })),
});
export type Chat = z.infer<typeof CHAT>;

/** An event without its message: that of a type which is not known need not look like ours. */
export const EVENT = z.object({
  chatID: z.string().min(1).max(LONGEST_NAME),
  eventID: z.string().min(1),
  eventType: z.string(),
  isNewChat: kept(z.boolean()),
  source: kept(z.string()),
  sender: kept(z.string()),
  clientID: kept(z.string()),
  clientName: kept(z.string()),
  addTimestamp: kept(milliseconds),
  addTime: kept(z.string()),
});
export type Event = z.infer<typeof EVENT>;

const file = z.object({
  downloadID: kept(z.string()),
  name: kept(z.string()),
  contentType: kept(z.string()),
  size: kept(z.number()),
  url: kept(z.string()),
  date: kept(z.string()),
});
const image = z.object({ downloadID: kept(z.string()), url: kept(z.string()), date: kept(z.string()) });

export const MESSAGE = z
  .object({
    text: z.string().nullish(),
    attachments: z.object({ goodCard, files: z.array(file).nullish(), images: z.array(image).nullish() }).nullish(),
  })
  .nullish();
export type Message = z.infer<typeof MESSAGE>;

/** What does not fit, without the value: "message.text: Invalid input: expected string, received number". */
export function misfitOf(error: z.ZodError): string {
  const [first] = error.issues;
  const path = first?.path.map(String).join(".");
  return `${path ? `${path}: ` : ""}${first?.message ?? "does not fit"}`;
}

/** The same answer with what must not be kept on a disk blotted out. */
export function maskReplySigns(body: unknown): unknown {
  if (Array.isArray(body)) return body.map(maskReplySigns);
  if (typeof body !== "object" || body === null) return body;
  return Object.fromEntries(
    Object.entries(body).map(([name, value]) => [name, name === "replySign" ? "***" : maskReplySigns(value)]),
  );
}
