/** An OpenAI-compatible endpoint that answers as a model would, well or badly. */
import { type Answer, type Asked, type StandIn, startStandIn } from "./stand-in.ts";

/** The chat that a request is about, as the model reads it. */
export interface AskedChat {
  readonly unanswered: boolean;
  readonly lines: readonly { readonly who: string; readonly text: string }[];
}

export interface LlmStandIn extends StandIn {
  /** The chats that were asked about, in order. */
  readonly chats: () => AskedChat[];
  /** What the scripts need in their environment. */
  readonly env: Readonly<Record<string, string>>;
}

type Message = { readonly content: string | null; readonly refusal?: string };

export const KEY = "sk-stand-in-0123456789";

/** `reply` is what the model says about a chat; by default that it is a question, in the form that was asked for. */
export async function startLlm(
  reply: (chat: AskedChat) => Message | Answer = () => say({ tag: "question", confidence: 0.9, reason: "it asks" }),
): Promise<LlmStandIn> {
  const standIn = await startStandIn((asked): Answer => {
    if (asked.path !== "/v1/chat/completions" || asked.method !== "POST") return { status: 404, body: { error: {} } };
    if (asked.headers.authorization !== `Bearer ${KEY}`) return { status: 401, body: { error: { message: "no key" } } };
    const answer = reply(chatIn(asked));
    return "body" in answer ? answer : { body: completion(answer) };
  });
  return {
    ...standIn,
    chats: () => standIn.asked.map(chatIn),
    env: { CLASSIFIER_BASE_URL: `${standIn.url}/v1`, CLASSIFIER_API_KEY: KEY, CLASSIFIER_MODEL: "stand-in-1" },
  };
}

/** A message that holds this as JSON. */
export const say = (value: unknown): Message => ({ content: JSON.stringify(value) });

/** The messages of a request: the instructions, then the chat. */
export function messagesIn({ body }: Asked): { readonly role: string; readonly content: string }[] {
  return (JSON.parse(body) as { messages: { role: string; content: string }[] }).messages;
}

const chatIn = (asked: Asked): AskedChat => JSON.parse(messagesIn(asked).at(-1)?.content ?? "") as AskedChat;

const completion = (message: Message) => ({
  id: "chatcmpl-1",
  object: "chat.completion",
  created: 1_700_000_000,
  model: "stand-in-1",
  choices: [{ index: 0, finish_reason: "stop", message: { role: "assistant", ...message } }],
  usage: { prompt_tokens: 100, completion_tokens: 20, total_tokens: 120 },
});
