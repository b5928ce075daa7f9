/**
 * All stores, several at once, as one source. Its cursor names, for each store that was begun, where it stands: so that a full
 * sync that was interrupted goes on where each store was, and so that a lost connection begins no store twice.
 */
import { MustWait } from "../../errors.ts";
import { pause } from "../../http/pause.ts";
import type { Cursor } from "../../page.ts";
import type { Ended } from "../../task.ts";
import { merge } from "./lanes.ts";
import type { Step, StoreFetched } from "./steps.ts";
import { type StoreTask, type Surroundings, storeSteps } from "./store.ts";

/** In the cursor: the run that wrote it, and whether that read all events anew. */
const RUN = "run";
const FULL = "full";
/** In the cursor, before a store's id. */
const STORE = "store:";

export interface Sync extends Surroundings {
  /** How many stores are asked at the same time. */
  readonly concurrency: number;
  /** Milliseconds between two stores of a lane. */
  readonly storeDelayMs: number;
  /** The run that is at work, as its cursors name it. */
  readonly run: string;
  /** Where it begins. */
  readonly start: Cursor;
  /** Whether it reads all events anew. */
  readonly full: boolean;
  /** Told, before the next part can be asked for, whether it still belongs to the step of the last one. */
  readonly within: (step: boolean) => void;
}

/** Where a cursor says that a store stands; undefined where it has not been begun. */
export function standOf(cursor: Cursor | null, store: string): string | undefined {
  const stands = cursor?.[`${STORE}${store}`];
  return typeof stands === "string" ? stands : undefined;
}

/** Whether this run has written the cursor. */
export const isOf = (run: string, cursor: Cursor | null): boolean => cursor?.[RUN] === run;

/** Whether a full sync has written it. */
export const isFull = (cursor: Cursor | null): boolean => cursor?.[FULL] === true;

/** Syncs the stores. Throws MustWait after all others are done where some have to wait. */
export async function* syncStores(tasks: readonly StoreTask[], sync: Sync): AsyncGenerator<StoreFetched, Ended> {
  const queue = [...tasks];
  const waiting: string[] = [];
  const heard = { limit: false };
  const lanes = Array.from({ length: Math.min(sync.concurrency, queue.length) }, () =>
    laneOf(queue, { sync, waiting, heard }),
  );
  let cursor: Cursor = { ...sync.start, [RUN]: sync.run, [FULL]: sync.full };
  if (!isOf(sync.run, sync.start)) yield { counters: { storesTotal: tasks.length }, cursor };
  for await (const { store, stands, parts } of merge(lanes)) {
    const before = cursor;
    cursor = { ...cursor, [`${STORE}${store}`]: stands };
    for (const [index, part] of parts.entries()) {
      sync.within(index > 0);
      yield { ...part, cursor: index === parts.length - 1 ? cursor : before };
    }
    sync.within(false);
  }
  if (waiting.length > 0) throw new MustWait(`Stores that have to wait: ${waiting.join("; ")}. Run again then.`);
  return heard.limit ? "limit" : "end";
}

interface Shared {
  readonly sync: Sync;
  /** Stores that have to wait, each with for what and until when. */
  readonly waiting: string[];
  readonly heard: { limit: boolean };
}

/** Takes one store after the other, until there are no more or `--limit` is reached. */
async function* laneOf(queue: StoreTask[], { sync, waiting, heard }: Shared): AsyncGenerator<Step, void> {
  for (let first = true; !heard.limit; first = false) {
    const task = queue.shift();
    if (task === undefined) return;
    if (!first) await pause(sync.storeDelayMs, sync.signal);
    const { how, message } = yield* storeSteps(task, sync);
    if (how === "waits") waiting.push(`${task.id}: ${message}`);
    if (how === "stopped") heard.limit = true;
  }
}
