/** What Freshchat v2 sends, as far as it is read. Fields that are not named here are let through unseen. */
import { z } from "zod";

const text = z.string().nullish();
/** Kept as it comes, or read by whoever needs it. */
const anything = z.unknown().optional();

/** A message, or what stands in its place: each is read by itself, so that one of another shape costs only itself. */
export const WIRE_MESSAGE = z.object({
  id: text,
  actor_type: text,
  actor_id: text,
  message_type: text,
  message_source: text,
  created_time: anything,
  message_parts: z.array(z.unknown()).nullish(),
  reply_parts: z.array(z.unknown()).nullish(),
  botsPrivateNote: z.union([z.boolean(), z.string()]).nullish(),
  in_reply_to: anything,
  meta_data: anything,
  status: anything,
  error_code: anything,
  error_message: anything,
  user_id: anything,
  org_actor_id: anything,
  interaction_id: anything,
});
export type WireMessage = z.infer<typeof WIRE_MESSAGE>;

/** One page of a conversation. `link` is absent on the last one; the variant with page numbers has `pagination` instead. */
export const WIRE_PAGE = z.object({
  messages: z.array(z.unknown()),
  link: z.object({ href: text }).nullish(),
  pagination: z.object({ total_pages: z.number().nullish() }).nullish(),
});
export type WirePage = z.infer<typeof WIRE_PAGE>;

/** A conversation by itself. Its messages are never in it. */
export const WIRE_CONVERSATION = z.object({
  conversation_id: text,
  created_time: anything,
  status: anything,
  channel_id: anything,
  user_id: anything,
  assigned_agent_id: anything,
});
export type WireConversation = z.infer<typeof WIRE_CONVERSATION>;

/** The most that the service gives on a page. */
export const PAGE_MESSAGES = 50;
