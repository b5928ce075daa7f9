import type { Coverage } from "../../thread.ts";
import type { Answer } from "./wire.ts";

/** Where the service stops scrolling. */
const MOST_MESSAGES = 10_000;
/** How many messages Umnico's page loads at once. */
const PAGE_MESSAGES = 30;

/** What is known of a dialog besides its answer. */
export interface Expected {
  /** Only what the page has loaded was asked for. */
  readonly recent: boolean;
  /** The list shows a last message, or messages are stored. */
  readonly hasMessages: boolean;
}

/** What an answer says about being whole. */
export interface Doubts {
  /** It contradicts itself, or what is known: nothing can make it whole. */
  readonly contradictions: readonly string[];
  /** It may begin in the middle of the dialog. */
  readonly flags: readonly string[];
  /** As many messages as it says there are. */
  readonly reached: boolean;
}

export function doubtsOf(answer: Answer, { hasMessages }: Expected): Doubts {
  const { count, data, total, incomplete, needsManualProcessing, isExactly30 } = answer;
  const contradictions = [
    ...(count === data.length ? [] : [`count ${count}, but ${data.length} messages`]),
    ...(data.length === 0 && hasMessages ? ["no messages, though there are some"] : []),
  ];
  const flags = [
    ...(incomplete ? ["incomplete"] : []),
    ...(needsManualProcessing ? ["needsManualProcessing"] : []),
    ...(isExactly30 ? ["isExactly30"] : []),
    ...(typeof total === "number" && total > data.length ? [`total ${total}, but ${data.length} messages`] : []),
    ...(data.length >= MOST_MESSAGES ? [`${data.length} messages, where the service stops`] : []),
  ];
  return { contradictions, flags, reached: typeof total === "number" && total <= data.length && !incomplete };
}

/** Whether it is all of the dialog, for all that the service says. */
export const isWhole = ({ contradictions, flags, reached }: Doubts, recent: boolean): boolean =>
  contradictions.length === 0 && (reached || (!recent && flags.length === 0));

/** Whether the window may begin after the dialog's first message. Less than what the page loads at once is all that there is. */
export const mayBeCut = (
  doubts: Doubts,
  { recent, messages }: { readonly recent: boolean; readonly messages: number },
) => !isWhole(doubts, recent) && (messages >= PAGE_MESSAGES || doubts.flags.length + doubts.contradictions.length > 0);

/** `overlaps`: it shows a message of a conversation that was whole when it was stored, so that nothing lies between. */
export function coverageOf(
  doubts: Doubts,
  { recent, overlaps }: { readonly recent: boolean; readonly overlaps: boolean },
): Coverage {
  const { contradictions, flags } = doubts;
  if (contradictions.length > 0) return { kind: "partial", reason: [...contradictions, ...flags].join(", ") };
  if (overlaps || isWhole(doubts, recent)) return { kind: "complete" };
  if (recent) return { kind: "window", reason: "recent" };
  return { kind: "partial", reason: flags.join(", ") };
}
