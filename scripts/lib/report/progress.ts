import type { Total } from "../task.ts";
import { formatCount, formatDuration } from "./format.ts";

/** Too early an estimate would only jump about. */
const RATE_AFTER_MS = 500;

/** Counts what is done and says, honestly, how far that is. */
export class Progress {
  readonly #unit: string;
  #startedAt = performance.now();
  #done = 0;
  #total: Total | undefined;

  /** `unit` is what is counted, in the plural: "audits". */
  constructor(unit: string) {
    this.#unit = unit;
  }

  /** The clock starts when the work does. */
  begin(total: Total | undefined): void {
    this.#total = total;
    this.#startedAt = performance.now();
  }

  advance(items: number): void {
    this.#done += items;
  }

  /** Items to go; undefined where no total is known. */
  left(): number | undefined {
    return this.#total && Math.max(0, this.#total.items - this.#done);
  }

  /** "12,000 of 38,768 audits (31%), 5,432/s, 5 s left"; an estimated total has "about" before it. */
  toString(): string {
    const elapsed = performance.now() - this.#startedAt;
    const rate = elapsed < RATE_AFTER_MS ? undefined : (this.#done / elapsed) * 1000;
    const parts = [this.#share(), rate && `${formatCount(rate)}/s`, rate && this.#timeLeft(rate)];
    return parts.filter(Boolean).join(", ");
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
