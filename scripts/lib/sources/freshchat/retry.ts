/** The pages of `--retry-errors`: the conversations and messages that stand in quarantine, looked for anew. */
import type { Ended } from "../../task.ts";
import { namesIn, pageOf, quarantineKey, type ThreadPage } from "../../thread.ts";
import { type Part, readConversation, type Source } from "./conversation.ts";
import { START } from "./source.ts";
import { EVERYTHING } from "./window.ts";

type Counters = Readonly<Record<string, number>>;

/** Pages for just these keys; `usage` is counted with the next page. */
export async function* retryItems(
  source: Source,
  keys: readonly string[],
  usage: () => Counters,
): AsyncGenerator<ThreadPage, Ended> {
  for (const [id, wanted] of byConversation(keys))
    for await (const part of partsFor(source, id, wanted))
      yield pageOf([{ ...part, cursor: START }], { start: START, cursor: START, counters: usage() });
  return "end";
}

function byConversation(keys: readonly string[]): Map<string, Set<string>> {
  const groups = new Map<string, Set<string>>();
  for (const key of keys) {
    const [id = ""] = namesIn(key);
    groups.set(id, (groups.get(id) ?? new Set()).add(key));
  }
  return groups;
}

type Found = Omit<Part, "state">;

const NOT_SHOWN = { code: "NOT_SHOWN", message: "not in what the service shows of its conversation" };

/**
 * Walks a conversation until all that is wanted was found; to its end, and storing all of it, where it is wanted itself, or a message
 * that had no id: by now it may have one, and another key with it.
 */
async function* partsFor(source: Source, id: string, wanted: Set<string>): AsyncGenerator<Found> {
  const key = quarantineKey(id);
  const whole = wanted.delete(key);
  const all = whole || [...wanted].some((one) => namesIn(one)[1]?.startsWith("#"));
  const window = { ...EVERYTHING, withoutPrivate: source.window.withoutPrivate };
  for await (const { state, ...part } of readConversation({ ...source, window }, { id, isNew: true, thorough: true })) {
    if (part.skipped?.gone) return;
    const failed = part.refused?.find((refused) => refused.key === key);
    if (failed !== undefined) {
      const lost = [...wanted].map((one) => ({ ...failed, key: one }));
      yield whole ? { ...part, refused: [failed, ...lost] } : { refused: lost };
      return;
    }
    yield* wantedIn(part, wanted);
    if (all) yield { ...withoutWanted(part, wanted), settles: whole && state === undefined ? [key] : [] };
    for (const found of keysIn(part)) wanted.delete(found);
    if (part.thread?.coverage.kind === "partial" && wanted.size > 0)
      yield { refused: [...wanted].map((one) => ({ key: one, ...NOT_SHOWN })) };
    if (!all && wanted.size === 0) return;
  }
}

/** Each of them in a page of its own: so the runner knows which of them has failed again. */
function* wantedIn({ thread, refused = [] }: Found, wanted: ReadonlySet<string>): Generator<Found> {
  for (const message of thread?.messages ?? [])
    if (thread !== undefined && wanted.has(message.key))
      yield { thread: { ...thread, coverage: { kind: "unknown" }, messages: [message] } };
  const again = refused.filter(({ key }) => wanted.has(key));
  if (again.length > 0) yield { refused: again };
}

function withoutWanted({ thread, refused = [], ...rest }: Found, wanted: ReadonlySet<string>): Found {
  const others = refused.filter(({ key }) => !wanted.has(key));
  if (thread === undefined) return { ...rest, refused: others };
  return {
    ...rest,
    refused: others,
    thread: { ...thread, messages: thread.messages.filter(({ key }) => !wanted.has(key)) },
  };
}

const keysIn = ({ thread, refused = [] }: Found): string[] =>
  [...(thread?.messages ?? []), ...refused].map(({ key }) => key);
