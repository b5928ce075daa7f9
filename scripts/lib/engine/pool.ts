import type { Part } from "../journal/checkpoint.ts";

/** A part in a worker's hands: its ends move while it is worked off. */
export type OpenPart = { -readonly [Name in keyof Part]: Part[Name] } & {
  /** It was tried, and is too short to be shared. */
  whole?: boolean;
};

/** The parts of a stage that nobody works on yet, and the workers that wait for one. */
export class Pool {
  readonly #free: OpenPart[];
  readonly #waiting: ((part: OpenPart | undefined) => void)[] = [];
  #busy = 0;
  #closed = false;

  constructor(parts: readonly Part[]) {
    this.#free = parts.filter(({ done }) => !done).map((part) => ({ ...part }));
  }

  /** How many workers have nothing to do. */
  get idle(): number {
    return this.#waiting.length;
  }

  /** The next part; waits while others may still share theirs; undefined when there is no more, or the pool is closed. */
  take(): Promise<OpenPart | undefined> {
    const part = this.#closed ? undefined : this.#free.shift();
    if (part !== undefined) this.#busy += 1;
    if (part !== undefined || this.#closed || this.#busy === 0) {
      if (part === undefined) this.close();
      return Promise.resolve(part);
    }
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Adds parts that a worker has cut off from its own. */
  add(parts: readonly Part[]): void {
    for (const part of parts) {
      const next = this.#closed ? undefined : this.#waiting.shift();
      if (next === undefined) {
        this.#free.push({ ...part });
        continue;
      }
      this.#busy += 1;
      next({ ...part });
    }
  }

  /** A worker is done with its part; after the last one those that wait have nothing to wait for. */
  release(): void {
    this.#busy -= 1;
    if (this.#busy === 0 && this.#free.length === 0) this.close();
  }

  /** Sends everybody home. */
  close(): void {
    this.#closed = true;
    for (const next of this.#waiting.splice(0)) next(undefined);
  }
}
