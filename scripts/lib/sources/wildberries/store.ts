/**
 * One store's sync, step by step: its begin, its chats, its events from where they were left, its end. What is wrong with a store
 * ends that store only.
 */
import { MustWait } from "../../errors.ts";
import type { Api } from "../../http/api.ts";
import { pause } from "../../http/pause.ts";
import { listChats } from "./chats.ts";
import { type Asked, comeBackOf, failedPart, stoppedPart, syncedPart } from "./endings.ts";
import { partsOf } from "./events.ts";
import { DONE, type Step, type StoreEnd, StoreFailed, type StorePart } from "./steps.ts";
import { eventPages, type Walk } from "./stream.ts";
import { describeToken, isHourly, refusalOf, type Token } from "./token.ts";

const HOUR_MS = 3_600_000;
/** Pages of events between two rests. */
const PAGES_IN_A_BATCH = 10;
/** The list of chats comes in one answer: a transaction takes so many of them. */
const CHATS_IN_A_STEP = 1_000;

/** A store, and where its sync begins. */
export interface StoreTask {
  readonly id: string;
  readonly token: Token;
  readonly kind: "full" | "incremental";
  /** The cursor of its stream; "" before the first event. */
  readonly from: string;
  /** This run has begun it before a connection was lost. */
  readonly begun: boolean;
  /** No request may be made before. */
  readonly notBefore?: Date;
  /** Opened where it is needed: a store that makes no request leaves no recording. */
  readonly openApi: () => Api;
}

/** What all stores of a run share. */
export interface Surroundings {
  readonly signal: AbortSignal;
  /** Milliseconds after every ten pages of events. */
  readonly batchDelayMs: number;
  /** Whether one more page of events may be asked for; called once before each. */
  readonly mayAsk: () => boolean;
  readonly say: (line: string) => void;
}

/** The steps of a store. Throws only what is not the store's own affair. */
export async function* storeSteps(task: StoreTask, around: Surroundings): AsyncGenerator<Step, StoreEnd> {
  const { id, token, kind } = task;
  const asked: Asked = {};
  let stands = task.from;
  const step = (...parts: StorePart[]): Step => ({ store: id, stands, parts });
  if (!task.begun) yield step({ note: { store: id, begins: kind } });
  if (!token.isJwt && !task.begun) around.say(`store ${id}: its token is ${describeToken(token)}`);
  try {
    const api = openFor(task);
    if (isHourly(token)) around.say(`store ${id}: its token may ask once an hour, so its list of chats is left out`);
    else for (const parts of inSteps(await listChats(api, id))) yield step(...parts);
    const pages = eventPages(api, walkOf(task, around, asked));
    let page = await pages.next();
    for (; !page.done; page = await pages.next()) {
      const { events, next } = page.value;
      const parts = partsOf(id, events, { store: id, cursor: next, ...comeBackOf(asked) });
      stands = next;
      yield step(...parts);
    }
    const whole = page.value === "end";
    if (whole) stands = DONE;
    yield step(whole ? syncedPart(id, asked) : stoppedPart(id, asked));
    return { how: whole ? "synced" : "stopped" };
  } catch (error) {
    around.signal.throwIfAborted();
    const part = failedPart(id, error, asked);
    yield step(part);
    return part.note?.ends ?? { how: "failed" };
  }
}

/** A store's service, unless it is known without a request that it would refuse. */
export function openFor({ token, notBefore, openApi }: Pick<StoreTask, "token" | "notBefore" | "openApi">): Api {
  const refusal = refusalOf(token);
  if (refusal !== undefined) throw new StoreFailed("TOKEN", refusal);
  if (notBefore !== undefined && notBefore > new Date())
    throw new MustWait("its next request has to wait", { until: notBefore });
  return openApi();
}

function* inSteps(parts: readonly StorePart[]): Generator<readonly StorePart[]> {
  for (let at = 0; at < parts.length; at += CHATS_IN_A_STEP) yield parts.slice(at, at + CHATS_IN_A_STEP);
}

const walkOf = ({ from, token }: StoreTask, { mayAsk, signal, batchDelayMs }: Surroundings, asked: Asked): Walk => ({
  ...(from === "" ? {} : { from }),
  mayAsk: () => {
    const { until } = asked;
    if (until !== undefined) throw new MustWait("its token may ask once an hour", { until });
    if (!mayAsk()) return false;
    if (isHourly(token)) asked.until = new Date(Date.now() + HOUR_MS);
    return true;
  },
  rest: async (pages) => {
    if (pages % PAGES_IN_A_BATCH === 0) await pause(batchDelayMs, signal);
  },
});
