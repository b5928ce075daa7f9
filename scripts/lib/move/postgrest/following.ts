/** Reads the pages that follow while somebody stores the last one, so that neither database waits for the other. */
import type { Key, KeyRange, Table } from "../catalog-types.ts";
import type { Page } from "./pages.ts";

type Read = (table: Table, range: KeyRange, items: number) => Promise<Page | undefined>;

/** What is read ahead of a stretch, beyond the page that is under way: enough for some slow pages on either side. */
const MOST_CHARACTERS = 4 * 1024 ** 2;
/** Stretches that are read side by side. What was read ahead of more than these is forgotten. */
const MOST_STRETCHES = 32;
/** A page may be so many times larger than one that is asked for by then. */
const TOO_LARGE = 2;

/** A page, or that there is none any more; undefined where reading it failed. */
type Ready = { readonly page: Page | undefined } | undefined;

/** A stretch of a table on which somebody goes from page to page. */
interface Stretch {
  readonly table: Table;
  readonly range: KeyRange;
  /** Where the last page that was handed out ended. */
  after: Key;
  /** Where the last page that was read ended. */
  end: Key;
  items: number;
  /** In their order; only the last of them may still be under way. */
  readonly queue: Promise<Ready>[];
  characters: number;
  underWay: boolean;
  forgotten: boolean;
}

export class Following {
  readonly #read: Read;
  readonly #stretches = new Map<string, Stretch>();

  constructor(read: Read) {
    this.#read = read;
  }

  /** The first page of a range. Whoever goes on where the last one ended has the next pages read ahead from then on. */
  async page(table: Table, range: KeyRange, items: number): Promise<Page | undefined> {
    const known = this.#take(table, range);
    const ready = await known?.queue.shift();
    if (known !== undefined) known.characters -= ready?.page?.text.length ?? 0;
    const fits = ready !== undefined && (ready.page?.rows ?? 0) <= items * TOO_LARGE;
    if (!fits && known !== undefined) known.forgotten = true;
    const page = fits ? ready.page : await this.#read(table, range, items);
    if (page === undefined) return undefined;
    const stretch = fits && known !== undefined ? known : beginAt(table, range, page.until);
    Object.assign(stretch, { after: page.until, items });
    this.#keep(stretch);
    if (known !== undefined) this.#readAhead(stretch);
    return page;
  }

  /** Takes the stretch that goes on there out of those that are known; one that was cut short since is of no use any more. */
  #take(table: Table, range: KeyRange): Stretch | undefined {
    const name = nameOf(table, range);
    const found = this.#stretches.get(name);
    for (const [other, stretch] of this.#stretches)
      if (stretch.table.name === table.name && isSame(stretch.after, range.after)) this.#forget(other);
    if (found === undefined || !isSame(found.after, range.after)) return undefined;
    found.forgotten = false;
    return found;
  }

  #readAhead(stretch: Stretch): void {
    if (stretch.forgotten || stretch.underWay || stretch.characters >= MOST_CHARACTERS) return;
    stretch.underWay = true;
    const { table, range, end, items } = stretch;
    // What went wrong is met again by whoever asks for that page.
    const next = this.#read(table, { ...range, after: end }, items)
      .then((page): Ready => ({ page }))
      .catch((): Ready => undefined);
    stretch.queue.push(next);
    void next.then((ready) => {
      stretch.underWay = ready?.page === undefined; // behind the end, and behind a failure, nothing is read
      if (ready?.page === undefined) return;
      stretch.end = ready.page.until;
      stretch.characters += ready.page.text.length;
      this.#readAhead(stretch);
    });
  }

  #keep(stretch: Stretch): void {
    const name = nameOf(stretch.table, stretch.range);
    this.#forget(name);
    stretch.forgotten = false;
    this.#stretches.set(name, stretch);
    const [oldest] = this.#stretches.keys();
    if (this.#stretches.size > MOST_STRETCHES && oldest !== undefined) this.#forget(oldest);
  }

  #forget(name: string): void {
    const stretch = this.#stretches.get(name);
    if (stretch !== undefined) stretch.forgotten = true;
    this.#stretches.delete(name);
  }
}

const beginAt = (table: Table, range: KeyRange, until: Key): Stretch => ({
  ...{ table, range, after: until, end: until, items: 0 },
  ...{ queue: [], characters: 0, underWay: false, forgotten: false },
});

/** What stays the same from one page of a stretch to the next. */
const nameOf = (table: Table, { until, since }: KeyRange): string =>
  JSON.stringify([table.name, until, since ?? null, table.columns.map(({ name }) => name)]);

const isSame = (one: Key, other: Key | null): boolean => JSON.stringify(one) === JSON.stringify(other);
