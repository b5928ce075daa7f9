/** Says when a request may start, so that all requests of one account together keep to its pace. */
import PQueue from "p-queue";
import { pause } from "./pause.ts";

/** A timer comes late by some milliseconds each time; so much of it is made good, or it would add up. */
const LATENESS_MS = 5;

/** How fast a service may be asked. */
export interface Pace {
  /** From the start of one request to that of the next. */
  readonly everyMs?: number;
  /** In no stretch of so many milliseconds do more requests start. */
  readonly burst?: { readonly requests: number; readonly perMs: number };
  /** How many requests may be under way at the same time; 1 unless given. */
  readonly concurrency?: number;
}

export class Limiter {
  readonly #everyMs: number;
  readonly #signal: AbortSignal;
  readonly #waits: (reason: string | undefined) => void;
  readonly #lanes: PQueue;
  /** Requests come through it one after the other. */
  readonly #door = new PQueue({ concurrency: 1 });
  readonly #burst: PQueue | undefined;
  #nextAt = 0;
  #held = { until: 0, reason: "" };
  #waitedMs = 0;

  constructor(
    { everyMs = 0, burst, concurrency = 1 }: Pace,
    { signal, waits }: { signal: AbortSignal; waits: (reason: string | undefined) => void },
  ) {
    this.#everyMs = everyMs;
    this.#signal = signal;
    this.#waits = waits;
    this.#lanes = new PQueue({ concurrency });
    this.#burst = burst && new PQueue({ strict: true, interval: burst.perMs, intervalCap: burst.requests });
  }

  /** Does the work when its turn has come; what is tried again goes before what has not been tried. */
  run<T>(work: () => Promise<T>, { again = false } = {}): Promise<T> {
    const inTurn = async () => {
      await this.#door.add(() => this.#pass());
      return work();
    };
    return this.#lanes.add(inTurn, { priority: again ? 1 : 0 });
  }

  /** Nothing starts for so many milliseconds; people are told the reason. */
  hold(ms: number, reason: string): void {
    const until = performance.now() + ms;
    if (until > this.#held.until) this.#held = { until, reason };
  }

  /** How many whole seconds were spent on holds since this was last asked. */
  takeWaitedSeconds(): number {
    const seconds = Math.floor(this.#waitedMs / 1_000);
    this.#waitedMs -= seconds * 1_000;
    return seconds;
  }

  async #pass(): Promise<void> {
    this.#signal.throwIfAborted();
    await this.#sitOut();
    const due = Math.max(this.#nextAt, performance.now());
    await this.#pauseUntil(due);
    await this.#burst?.add(() => undefined, { signal: this.#signal });
    // Another request may have been told to wait while this one stood here.
    await this.#sitOut();
    this.#signal.throwIfAborted();
    const lateness = Math.min(LATENESS_MS, this.#everyMs / 4);
    this.#nextAt = Math.max(due, performance.now() - lateness) + this.#everyMs;
  }

  async #sitOut(): Promise<void> {
    const since = performance.now();
    if (this.#held.until <= since) return;
    this.#waits(this.#held.reason);
    try {
      while (this.#held.until > performance.now()) await this.#pauseUntil(this.#held.until);
    } finally {
      this.#waits(undefined);
      this.#waitedMs += performance.now() - since;
    }
  }

  #pauseUntil(at: number): Promise<void> {
    return pause(at - performance.now(), this.#signal);
  }
}
