/** Pages that were read when they were cut, until somebody wants their rows: so a page costs one request. */
import type { KeyRange } from "../catalog-types.ts";
import type { Page } from "./pages.ts";

/** What all of them together may hold. A worker wants its page at once, so there are hardly more than workers. */
const MOST_CHARACTERS = 128 * 1024 ** 2;
/** What lies longer shows the source as it no longer may be. */
const KEPT_MS = 60_000;

export class Ahead {
  readonly #pages = new Map<string, { readonly page: Page; readonly at: number }>();
  #characters = 0;

  keep(range: KeyRange, columns: string, page: Page): void {
    this.take(range, columns);
    this.#pages.set(nameOf(range, columns), { page, at: performance.now() });
    this.#characters += page.text.length;
    for (const [name, { at }] of this.#pages) {
      if (this.#characters <= MOST_CHARACTERS && performance.now() - at < KEPT_MS) break;
      this.#forget(name);
    }
  }

  /** The page that is exactly this range, once. */
  take(range: KeyRange, columns: string): Page | undefined {
    const name = nameOf(range, columns);
    const kept = this.#pages.get(name);
    this.#forget(name);
    return kept !== undefined && performance.now() - kept.at < KEPT_MS ? kept.page : undefined;
  }

  #forget(name: string): void {
    this.#characters -= this.#pages.get(name)?.page.text.length ?? 0;
    this.#pages.delete(name);
  }
}

const nameOf = ({ table, after, until, since }: KeyRange, columns: string): string =>
  JSON.stringify([table, after, until, since ?? null, columns]);
