import { setTimeout as sleep } from "node:timers/promises";

/** A timer can't hold more: some 24 days. */
const LONGEST_MS = 2 ** 31 - 1;

/** Waits so many milliseconds; rejects with the signal's reason once it is aborted. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  const until = performance.now() + ms;
  try {
    for (let left = ms; left > 0; left = until - performance.now())
      await sleep(Math.min(Math.ceil(left), LONGEST_MS), undefined, { signal });
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  }
}
