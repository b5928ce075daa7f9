/** Long work in short stretches: under `npx` a script that is busy for 60 ms when Ctrl-C comes is killed before it hears of it. */
import { setImmediate } from "node:timers/promises";

/** What is fetched and what is stored may be worked on side by side, and add up. */
const LONGEST_MS = 5;

/** Lets the event loop go on. */
export const nextTurn = (): Promise<void> => setImmediate();

/** The time that has passed since the event loop could go on. */
export class Stretch {
  #since = performance.now();

  get isLong(): boolean {
    return performance.now() - this.#since >= LONGEST_MS;
  }

  async end(): Promise<void> {
    await nextTurn();
    this.#since = performance.now();
  }
}

/** Works on the items one after the other. */
export async function inStretches<T>(items: Iterable<T>, work: (item: T) => unknown): Promise<void> {
  const stretch = new Stretch();
  for (const item of items) {
    work(item);
    if (stretch.isLong) await stretch.end();
  }
}
