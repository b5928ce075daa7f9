/** What the service sends, in both of its versions: it reads Umnico's web pages, and its own answers vary. */
import { z } from "zod";

/** A text that may be missing, or be a number, or null. */
const text = z
  .union([z.string(), z.number()])
  .nullish()
  .transform((value) => (value === null || value === undefined ? "" : String(value).trim()));

const flag = z
  .boolean()
  .nullish()
  .transform((value) => value === true);

const ok = z.literal(true);
const count = z.number().int().min(0);

export const HEALTH = z.object({
  ok,
  initialized: z.boolean().nullish(),
  browserConnected: z.boolean().nullish(),
});

export const DIALOGS = z.object({
  ok,
  count,
  total: count.nullish(),
  data: z.array(
    z.object({
      /** Null, or "", where the service could not find it out. */
      conversationId: text,
      /** What Umnico shows as the person's name: a phone, a nick or a name. */
      phone: text,
      lastMessage: text,
      channelAccount: text,
      assignedTo: text,
    }),
  ),
});

export const MESSAGES = z.object({
  ok,
  conversationId: text,
  count,
  total: count.nullish(),
  incomplete: flag,
  needsManualProcessing: flag,
  isExactly30: flag,
  channel: text,
  channelAccount: text,
  clientPhone: text,
  clientTelegram: text,
  /** Looked at one by one: an item that can't be read costs that item only. */
  data: z.array(z.unknown()),
});

/** A message as the web page shows it. */
export const SCRAPED = z.object({
  direction: z.enum(["incoming", "outgoing"]),
  text: z.string().nullish(),
  datetime: z.union([z.string(), z.number()]).nullish(),
  hasAttachments: flag,
  conversationId: text,
  channel: text,
  channelAccount: text,
});

/** A message as Umnico's own API has it. */
export const RAW = z.object({
  messageId: text,
  incoming: z.boolean(),
  datetime: z.union([z.string(), z.number()]).nullish(),
  message: z.object({ text: z.string().nullish(), attachments: z.array(z.unknown()).nullish() }).nullish(),
  sender: z.object({ name: text }).nullish(),
});

export type Dialogs = z.infer<typeof DIALOGS>;
export type Answer = z.infer<typeof MESSAGES>;
