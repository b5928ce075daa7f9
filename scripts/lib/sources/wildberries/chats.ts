/** The list of a store's chats: a thread for each, without messages, which come from the stream of events. */
import type { Api } from "../../http/api.ts";
import { presentOf, timeOf } from "./message.ts";
import { keyOfChat } from "./names.ts";
import { StoreFailed, type StorePart, threadOf } from "./steps.ts";
import { CHAT, CHATS, misfitOf } from "./wire.ts";

const PATH = "/api/v1/seller/chats";
/** So many odd ones, and not one that fits: it is not the items that are odd. */
const HOPELESS = 20;

/** Asks for all chats of a store: a part for each, thread or refusal. */
export async function listChats(api: Api, store: string): Promise<StorePart[]> {
  const { result, errors } = await api.get(PATH, CHATS);
  if (errors != null && errors.length > 0)
    throw new StoreFailed("ERRORS", `the list of chats came with errors: ${errorsText(errors)}`);
  const parts = (result ?? []).map((item) => readChat(store, item));
  const [first] = parts;
  if (parts.length >= HOPELESS && parts.every(({ thread }) => thread === undefined))
    throw new StoreFailed("SCHEMA", `none of its ${parts.length} chats can be read: ${first?.refused?.[0]?.message}`);
  return parts;
}

function readChat(store: string, item: unknown): StorePart {
  const { success, data: chat, error } = CHAT.safeParse(item);
  if (!success)
    return {
      refused: [{ key: keyOfChat(store, item), code: "SCHEMA", message: `A chat: ${misfitOf(error)}` }],
      note: { store },
    };
  const { chatID, clientID, clientName, goodCard, lastMessage } = chat;
  const ms = timeOf(lastMessage);
  const metadata = presentOf({ clientName, clientId: clientID, goodCard });
  const startedAt = ms === undefined ? {} : { startedAt: new Date(ms).toISOString() };
  return { thread: threadOf(store, chatID, { messages: [], metadata, ...startedAt }) };
}

/** What a service says went wrong, shortened. */
export const errorsText = (errors: readonly unknown[]): string => JSON.stringify(errors).slice(0, 200);
