/** What became of a conversation's messages, summed over its pages, for the line that people read. */
import type { Stored } from "../../thread.ts";
import type { Sorted } from "./window.ts";

/** Of one page. */
interface Counts {
  readonly created: number;
  readonly skipped: number;
  readonly failed: number;
  readonly total: number;
}

export class Tally {
  readonly #id: string;
  /** By page: what is told twice, because a page was stored a second time, counts once. */
  readonly #pages: Counts[] = [];

  constructor(id: string) {
    this.#id = id;
  }

  /** How many pages there were so far. */
  get pages(): number {
    return this.#pages.length;
  }

  /** Takes a page down once it is stored; at the end says what there was. */
  page(total: number, { refused, filtered, younger, older }: Sorted, ends: boolean): (stored: Stored) => string {
    const index = this.#pages.length;
    const leftOut = filtered + younger + older.length;
    this.#pages.push({ created: 0, skipped: leftOut, failed: refused.length, total });
    return ({ created, existing, quarantined }) => {
      this.#pages[index] = { created, skipped: leftOut + existing, failed: refused.length + quarantined, total };
      return ends ? this.#toString() : "";
    };
  }

  #toString(): string {
    const sum = (of: (counts: Counts) => number) => this.#pages.reduce((all, counts) => all + of(counts), 0);
    const failed = sum((counts) => counts.failed);
    return (
      `✓ Conversation ${this.#id}: ${sum((counts) => counts.created)} new, ${sum((counts) => counts.skipped)} skipped, ` +
      `${failed === 0 ? "" : `${failed} failed, `}${sum((counts) => counts.total)} total`
    );
  }
}
