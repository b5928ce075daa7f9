/** What a chat is to a classifier, and what it answers. A classifier reads nothing but the chat, and writes nowhere. */

export interface Line {
  readonly role: "user" | "assistant" | "system" | "tool";
  readonly text: string;
  /** ISO 8601. */
  readonly at: string;
}

export interface Chat {
  readonly id: string;
  readonly channel: string;
  /** In the order of time. */
  readonly lines: readonly Line[];
  /** The customer wrote last, and longer ago than is decent. */
  readonly unanswered: boolean;
}

export interface Tag {
  readonly name: string;
  /** When a chat has this tag, in words for people and for models. */
  readonly description: string;
}

export interface Verdict {
  /** The name of one of the tags. */
  readonly tag: string;
  /** From 0 to 1. */
  readonly confidence: number;
  /** The rule that spoke, or what the model said. Never text of the chat. */
  readonly reason: string;
}

export interface Classifier {
  readonly name: string;
  /** Changes with whatever may change a verdict: a chat is classified again where it does. */
  readonly version: string;
  classify(chat: Chat): Promise<Verdict> | Verdict;
}
