/** Reads the page that follows while somebody stores the last one, so that neither database waits for the other. */
import type { Key, KeyRange, Table } from "../catalog-types.ts";
import type { Page } from "./pages.ts";

type Read = (table: Table, range: KeyRange, items: number) => Promise<Page | undefined>;

/** Stretches that are read side by side. What was read ahead of more than these is forgotten. */
const MOST_STRETCHES = 32;
/** A page may be so many times larger than one that is asked for by then. */
const TOO_LARGE = 2;

/** How far a stretch has been read, and the page after that; undefined where reading it failed. */
interface Place {
  readonly after: Key;
  readonly next?: Promise<{ readonly page: Page | undefined } | undefined>;
}

export class Following {
  readonly #read: Read;
  readonly #places = new Map<string, Place>();

  constructor(read: Read) {
    this.#read = read;
  }

  /** The first page of a range. Whoever goes on where the last one ended has the next page read ahead from then on. */
  async page(table: Table, range: KeyRange, items: number): Promise<Page | undefined> {
    const name = JSON.stringify([
      table.name,
      range.until,
      range.since ?? null,
      table.columns.map((column) => column.name),
    ]);
    const place = this.#places.get(name);
    this.#places.delete(name);
    const goesOn = place !== undefined && JSON.stringify(place.after) === JSON.stringify(range.after);
    const ready = goesOn ? await place.next : undefined;
    const fits = ready !== undefined && (ready.page?.rows ?? 0) <= items * TOO_LARGE;
    const page = fits ? ready.page : await this.#read(table, range, items);
    if (page !== undefined)
      this.#keep(name, { after: page.until, ...(goesOn ? this.#next(table, range, items, page) : {}) });
    return page;
  }

  #next(table: Table, range: KeyRange, items: number, { until }: Page): Pick<Place, "next"> {
    const reading = this.#read(table, { ...range, after: until }, items);
    // What went wrong is met again by whoever asks for that page.
    return { next: reading.then((page) => ({ page })).catch(() => undefined) };
  }

  #keep(name: string, place: Place): void {
    this.#places.set(name, place);
    const [oldest] = this.#places.keys();
    if (this.#places.size > MOST_STRETCHES && oldest !== undefined) this.#places.delete(oldest);
  }
}
