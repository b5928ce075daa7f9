/** One conversation, request by request, from its newest message to the oldest, or to where everything is known. */
import { RunFailed } from "../../errors.ts";
import type { Api } from "../../http/api.ts";
import { ItemRefused } from "../../http/errors.ts";
import type { Refusals } from "../../http/refusals.ts";
import type { ItemError } from "../../page.ts";
import { type Coverage, type Fetched, quarantineKey, type Thread } from "../../thread.ts";
import { readHeader } from "./header.ts";
import { compare, type Memory, type Progress } from "./memory.ts";
import type { Item } from "./message.ts";
import type { Pace } from "./pace.ts";
import { Tally } from "./tally.ts";
import { FIRST, type Position, RepeatedPage, Walk } from "./walk.ts";
import { coverageOf, sortOut, type Window, windowReason } from "./window.ts";

const HOPELESS_ITEMS = 20;

const PROCESSED = { conversations: 1, conversationsProcessed: 1 };
const FAILED = { conversations: 1, conversationsFailed: 1 };

/** Of a conversation that the database does not take. */
const ifRefused = (id: string) => ({ counters: FAILED, line: `✗ Conversation ${id}: in quarantine` });

export interface Source {
  readonly api: Api;
  readonly pace: Pace;
  readonly memory: Memory;
  readonly refusals: Refusals;
  readonly window: Window;
}

/** How far a conversation has been walked. */
export interface State extends Position, Progress {}

/** What one request gave, and where the conversation stands then; undefined when it is done. */
export interface Part extends Omit<Fetched, "cursor"> {
  readonly state: State | undefined;
}

interface Asked {
  readonly id: string;
  /** Neither its row nor its first page is there yet: it is asked for by itself, too. */
  readonly isNew: boolean;
  /** Where an earlier run stopped. */
  readonly from?: State | undefined;
  /** Walked to its end, whatever is known of it. */
  readonly thorough?: boolean;
}

/** The parts of a conversation. Whatever the service refuses about it ends it, and is the last part. */
export async function* readConversation(source: Source, asked: Asked): AsyncGenerator<Part, void> {
  const tally = new Tally(asked.id);
  try {
    await source.pace.conversation();
    yield* walk(source, asked, tally);
  } catch (error) {
    const begun = asked.from !== undefined || tally.pages > 0;
    yield {
      ...(isGone(error) ? vanished(source, asked.id, begun) : failed(source, asked.id, error)),
      state: undefined,
    };
  }
}

async function* walk(
  source: Source,
  { id, isNew, from, thorough = false }: Asked,
  tally: Tally,
): AsyncGenerator<Part, void> {
  const { api, memory, pace, refusals, window } = source;
  const stored = await memory.stored(id);
  const unknown = isNew && from === undefined && stored === undefined;
  const header = unknown ? await readHeader(api, id) : {};
  if (unknown) await pace.page();
  const steps = new Walk(api, id);
  let state: State = from ?? { ...FIRST, whole: stored?.whole === true && !thorough, left: false };
  for (let first = stored === undefined; ; first = false) {
    const step = await steps.step(state);
    refusals.ok();
    refuseHopeless(step.items);
    const sorted = sortOut(step.items, window);
    const { whole, left } = await compare(sorted, state, stored?.row, memory);
    const ends = step.next === undefined || whole || sorted.past;
    const leftBehind = left || (sorted.past && !whole && step.next !== undefined);
    const coverage = ends ? coverageOf(step.partial, windowReason(window, leftBehind)) : UNFINISHED;
    const { messages } = sorted;
    yield {
      // A page without messages says nothing, but that there is a conversation, or that it is at its end.
      ...(ends || first || messages.length > 0 ? { thread: { ...threadOf(id), ...header, coverage, messages } } : {}),
      refused: sorted.refused,
      skipped: { filtered: sorted.filtered, outsideWindow: sorted.younger + sorted.older.length },
      ...(ends ? { counters: PROCESSED, ifRefused: ifRefused(id) } : {}),
      line: tally.page(step.items.length, sorted, ends),
      state: ends ? undefined : { ...(step.next ?? FIRST), whole: state.whole, left },
    };
    if (ends || step.next === undefined) return;
    state = { ...step.next, whole: state.whole, left };
    await pace.page();
  }
}

/** A page of which nothing can be read is not the messages' fault. */
function refuseHopeless(items: readonly Item[]): void {
  const [first] = items;
  if (items.length < HOPELESS_ITEMS || items.some(({ refused }) => refused === undefined)) return;
  throw new RunFailed(
    `All ${items.length} messages of a page are refused, so they are not to blame. The first: ${first?.refused?.message}`,
  );
}

const UNFINISHED: Coverage = { kind: "unfinished" };

/** Whatever is refused about it, here or by the database, has the same key. */
export const threadOf = (id: string): Pick<Thread, "id" | "key" | "channel"> => ({
  id,
  key: quarantineKey(id),
  channel: "freshchat",
});

const isGone = (error: unknown): boolean => error instanceof ItemRefused && error.status === 404;

/** A conversation that is gone is left out; one that goes while it is walked is not known to be whole. */
function vanished({ refusals }: Source, id: string, begun: boolean): Omit<Part, "state"> {
  refusals.ok();
  const line = () => `- Conversation ${id}: gone at Freshchat`;
  if (!begun) return { skipped: { gone: 1 }, counters: { conversations: 1 }, line };
  const coverage: Coverage = { kind: "partial", reason: "gone at Freshchat before its end" };
  const thread = { ...threadOf(id), coverage, messages: [] };
  return { thread, counters: PROCESSED, line, ifRefused: ifRefused(id) };
}

function failed({ refusals }: Source, id: string, error: unknown): Omit<Part, "state"> {
  const key = quarantineKey(id);
  const repeated = error instanceof RepeatedPage;
  return refusal(id, repeated ? { key, code: "REPEATED_PAGE", message: error.message } : refusals.refuse(error, key));
}

/** What is said of a conversation that goes to quarantine, or stays there. */
export const refusal = (id: string, refused: ItemError): Omit<Part, "state"> => ({
  refused: [refused],
  counters: FAILED,
  line: () => `✗ Conversation ${id}: ${refused.message}`,
});
