/** How fast conversations and their pages are asked for: a request starts so long after the one before it has started. */
import { pause } from "../../http/pause.ts";

/** Times in milliseconds. */
export interface Delays {
  /** Between two conversations. */
  readonly conversation: number;
  /** Between two pages of one. */
  readonly page: number;
  /** After each `batchSize` conversations. */
  readonly batch: number;
  readonly batchSize: number;
}

export const NO_DELAYS: Delays = { conversation: 0, page: 0, batch: 0, batchSize: 1 };

export class Pace {
  readonly #delays: Delays;
  readonly #signal: AbortSignal;
  readonly #waits: (reason: string | undefined) => void;
  #conversations = 0;
  #startedAt = Number.NEGATIVE_INFINITY;

  constructor(delays: Delays, signal: AbortSignal, waits: (reason: string | undefined) => void) {
    this.#delays = delays;
    this.#signal = signal;
    this.#waits = waits;
  }

  /** Returns when the first request of a conversation may start. */
  async conversation(): Promise<void> {
    const { conversation, batch, batchSize } = this.#delays;
    const done = this.#conversations;
    this.#conversations += 1;
    if (done === 0 || done % batchSize !== 0 || batch <= conversation) return this.#start(conversation);
    this.#waits(`pausing ${batch / 1_000} s after ${batchSize} conversations`);
    try {
      await this.#start(batch);
    } finally {
      this.#waits(undefined);
    }
  }

  /** Returns when a further request of the same conversation may start. */
  page(): Promise<void> {
    return this.#start(this.#delays.page);
  }

  /** Timers come late: the next request counts from when this one was due. */
  async #start(delay: number): Promise<void> {
    const now = performance.now();
    const due = Math.max(now, this.#startedAt + delay);
    await pause(due - now, this.#signal);
    this.#startedAt = due;
  }
}
