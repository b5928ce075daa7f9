import type { Total } from "../task.ts";
import { formatCount, formatDuration } from "./format.ts";

/** Too early an estimate would only jump about. */
const RATE_AFTER_MS = 500;

/** How many work at it, and in what steps: what a status line says besides the numbers. */
export interface Crew {
  readonly workers: number;
  /** How many items the next page is to hold. */
  readonly pageItems: number;
}

/** How far a run is, for `migration_runs.progress`. */
export interface Standing extends Partial<Crew> {
  readonly unit: string;
  readonly done: number;
  readonly total?: number;
  /** Whether the total was counted, not estimated. */
  readonly exact?: boolean;
  readonly perSecond?: number;
  readonly secondsLeft?: number;
  readonly quarantined: number;
  readonly waiting?: string;
}

/** Counts what is done and says, honestly, how far that is. */
export class Progress {
  readonly #unit: string;
  #startedAt = performance.now();
  #done = 0;
  #quarantined = 0;
  #total: Total | undefined;
  #crew: () => Crew | undefined = () => undefined;
  #waiting: string | undefined;

  /** `unit` is what is counted, in the plural: "audits". */
  constructor(unit: string) {
    this.#unit = unit;
  }

  /** The clock starts when the work does. */
  begin(total: Total | undefined, crew: () => Crew | undefined = () => undefined): void {
    this.#total = total;
    this.#crew = crew;
    this.#startedAt = performance.now();
  }

  advance(items: number): void {
    this.#done += items;
  }

  quarantine(): void {
    this.#quarantined += 1;
  }

  /** Why nothing moves; undefined when it does again. */
  wait(reason: string | undefined): void {
    this.#waiting = reason;
  }

  /** Items to go; undefined where no total is known. */
  left(): number | undefined {
    return this.#total && Math.max(0, this.#total.items - this.#done);
  }

  /** The same numbers as the status line has. */
  standing(): Standing {
    const rate = this.#rate();
    const left = this.left();
    return {
      unit: this.#unit,
      done: this.#done,
      ...(this.#total === undefined ? {} : { total: this.#total.items, exact: this.#total.exact }),
      ...(rate === undefined ? {} : { perSecond: Math.round(rate) }),
      ...(rate && left ? { secondsLeft: Math.round(left / rate) } : {}),
      ...this.#crew(),
      quarantined: this.#quarantined,
      ...(this.#waiting === undefined ? {} : { waiting: this.#waiting }),
    };
  }

  /** "12,000 of 38,768 audits (31%), 5,432/s, 5 s left, 2 workers, pages of 4,000"; an estimated total has "about" before it. */
  toString(): string {
    const rate = this.#rate();
    const crew = this.#crew();
    const parts = [
      this.#share(),
      rate && `${formatCount(rate)}/s`,
      rate && this.#timeLeft(rate),
      crew && `${crew.workers} ${crew.workers === 1 ? "worker" : "workers"}, pages of ${formatCount(crew.pageItems)}`,
      this.#quarantined > 0 && `${formatCount(this.#quarantined)} in quarantine`,
      this.#waiting && `waiting: ${this.#waiting}`,
    ];
    return parts.filter(Boolean).join(", ");
  }

  #rate(): number | undefined {
    const elapsed = performance.now() - this.#startedAt;
    return elapsed < RATE_AFTER_MS ? undefined : (this.#done / elapsed) * 1000;
  }

  #share(): string {
    if (this.#total === undefined) return `${formatCount(this.#done)} ${this.#unit}`;
    const { items, exact } = this.#total;
    const percent = items > 0 ? ` (${Math.min(100, Math.floor((100 * this.#done) / items))}%)` : "";
    return `${formatCount(this.#done)} of ${exact ? "" : "about "}${formatCount(items)} ${this.#unit}${percent}`;
  }

  #timeLeft(rate: number): string | undefined {
    const left = this.left() ?? 0;
    return left > 0 ? `${formatDuration((left / rate) * 1000)} left` : undefined;
  }
}
