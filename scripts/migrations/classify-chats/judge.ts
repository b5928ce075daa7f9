/** Asks a classifier about chats, and tells what is to be done with each conversation. */
import type { Chat, Classifier, Verdict } from "../../lib/classify/classifier.ts";
import type { StoredChat } from "../../lib/sources/chats.ts";
import { nextTurn } from "../../lib/stretches.ts";
import type { ItemError } from "../../lib/task.ts";

/**
 * A conversation of a page. "known": the same text has been classified before. "by hand": somebody has given it another tag.
 * "not asked": asking would cost, and this is a rehearsal.
 */
export interface Judged {
  readonly id: string;
  /** Its tag when it was read: another one since is somebody else's. */
  readonly tagBefore: string | null;
  readonly hash: string;
  readonly outcome: Verdict | "known" | "by hand" | "in quarantine" | "not asked";
}

/** What came of a list of chats. */
export interface Judgement {
  /** In the order of the list, without those that were not asked. */
  readonly judged: readonly Judged[];
  readonly refused: readonly ItemError[];
  /** How many of the list, from its beginning, are dealt with. */
  readonly dealt: number;
  /** Why the others are not. */
  readonly stopped?: unknown;
}

/** How chats are asked about. */
export interface Asking {
  /** Undefined in a rehearsal of what costs something: then `foresee` is told what would be asked. */
  readonly classifier: Classifier | undefined;
  readonly foresee?: (chat: Chat) => void;
  /** How many chats are asked about at the same time. */
  readonly atATime: number;
  /** Conversations that are not to be tried again. */
  readonly quarantined: ReadonlySet<string>;
  /** What a failure is to its conversation. Throws what concerns all. */
  readonly refuse: (error: unknown, key: string) => ItemError;
}

/** Where one chat can't be asked about for a reason that concerns all, those asked beside it are kept: they may have been paid for. */
export async function judge(chats: readonly StoredChat[], asking: Asking): Promise<Judgement> {
  const judged: Judged[] = [];
  const refused: ItemError[] = [];
  for (let dealt = 0; dealt < chats.length; dealt += asking.atATime) {
    const some = chats.slice(dealt, dealt + asking.atATime);
    const answers = await Promise.allSettled(some.map((chat) => judgeOne(chat, asking)));
    let stopped: Pick<Judgement, "dealt" | "stopped"> | undefined;
    for (const [index, answer] of answers.entries()) {
      try {
        if (answer.status === "fulfilled") judged.push(answer.value);
        else refused.push(asking.refuse(answer.reason, some[index]?.id ?? ""));
      } catch (error) {
        stopped ??= { dealt: dealt + index, stopped: error };
      }
    }
    if (stopped !== undefined) return { judged, refused, ...stopped };
    await nextTurn(); // a classifier that only computes would keep everything else waiting
  }
  return { judged, refused, dealt: chats.length };
}

async function judgeOne(stored: StoredChat, { classifier, foresee, quarantined }: Asking): Promise<Judged> {
  const { id, tag, classifiedAs, hash, chat } = stored;
  const outcomeOf = async (): Promise<Judged["outcome"]> => {
    if (tag !== null && tag !== classifiedAs) return "by hand";
    if (chat === undefined) return "known";
    if (quarantined.has(id)) return "in quarantine";
    if (classifier !== undefined) return classifier.classify(chat);
    foresee?.(chat);
    return "not asked";
  };
  return { id, tagBefore: tag, hash, outcome: await outcomeOf() };
}
