import type { PageItems } from "../task.ts";

/** How much the newest page counts in the smoothed time of an item. */
const WEIGHT = 0.3;
/** A page grows at most so much over the one before: an empty stretch must not be followed by a page without end. */
const GROWTH = 2;

/** Finds the page size with which a transaction takes about the target: grows and shrinks with the time that pages take. */
export class Pace {
  readonly #bounds: PageItems;
  readonly #targetMs: number;
  #items: number;
  #itemMs: number | undefined;

  constructor(bounds: PageItems, targetMs: number) {
    this.#bounds = bounds;
    this.#targetMs = targetMs;
    this.#items = bounds.first;
  }

  /** How many items the next page is to hold. */
  get items(): number {
    return this.#items;
  }

  /** A page of that many items took that long. One that was cut short by the end of its range says little of larger ones. */
  record(items: number, ms: number): void {
    if (items < this.#items / 2) return;
    const itemMs = Math.max(ms, 1) / items;
    this.#itemMs = this.#itemMs === undefined ? itemMs : WEIGHT * itemMs + (1 - WEIGHT) * this.#itemMs;
    this.#set(Math.min(this.#targetMs / this.#itemMs, this.#items * GROWTH));
  }

  /** A page ran into a timeout, or others wait for it: the next ones are half as large, and grow again only step by step. */
  shrink(): void {
    this.#set(this.#items / 2);
    this.#itemMs = this.#targetMs / this.#items;
  }

  #set(items: number): void {
    const { least, most } = this.#bounds;
    this.#items = Math.max(least, Math.min(most, Math.round(items)));
  }
}
