import PQueue from "p-queue";
import { Refusals } from "../http/refusals.ts";
import type { Classifier } from "./classifier.ts";
import { type Judged, NO_ANSWER } from "./evaluate.ts";
import type { Labelled } from "./labelled.ts";

/** What a classifier said about a labelled chat. */
export interface Answer extends Judged {
  readonly id: string;
  /** Null where it said nothing; then the reason is why. */
  readonly confidence: number | null;
  readonly reason: string;
}

export interface AskOptions {
  /** How many chats are asked about at the same time. */
  readonly concurrency: number;
  readonly signal: AbortSignal;
  /** Told after each chat how many there were. */
  readonly onAnswer: (answered: number) => void;
}

/** The answers in the order of the chats. A chat that is refused is one without an answer; throws what concerns all chats. */
export async function askAll(
  classifier: Classifier,
  chats: readonly Labelled[],
  { concurrency, signal, onAnswer }: AskOptions,
): Promise<Answer[]> {
  const queue = new PQueue({ concurrency });
  const refusals = new Refusals();
  let answered = 0;
  const ask = async (labelled: Labelled): Promise<Answer> => {
    try {
      signal.throwIfAborted();
      const answer = await answerTo(classifier, labelled, refusals);
      answered += 1;
      onAnswer(answered);
      return answer;
    } catch (error) {
      queue.clear(); // nothing else is asked, not even once
      throw error;
    }
  };
  return queue.addAll(chats.map((labelled) => () => ask(labelled)));
}

async function answerTo(classifier: Classifier, labelled: Labelled, refusals: Refusals): Promise<Answer> {
  const { chat, language, tag: expected } = labelled;
  const known = { id: chat.id, language, expected };
  try {
    const { tag: predicted, confidence, reason } = await classifier.classify(chat);
    refusals.ok();
    return { ...known, predicted, confidence, reason };
  } catch (error) {
    return { ...known, predicted: NO_ANSWER, confidence: null, reason: refusals.refuse(error, chat.id).message };
  }
}
