/** A history of made-up messages, windows on it, and what an importer would have stored of them. */
import type { Said } from "../../../../scripts/lib/sources/umnico/items.ts";
import { type Keyed, Keys, keysOfWindow, type NewestMinute } from "../../../../scripts/lib/sources/umnico/keys.ts";
import { timesOf } from "../../../../scripts/lib/sources/umnico/order.ts";

const MINUTE = 60_000;

/** Somebody says a text in the n-th minute; with a second, where the source tells it. */
export const says = (content: string, minute: number, second?: number): Said => ({
  direction: content.startsWith("<") ? "outgoing" : "incoming",
  content,
  moment: { minute: minute * MINUTE, ...(second === undefined ? {} : { exact: minute * MINUTE + second * 1_000 }) },
  hasAttachments: false,
  dialog: "",
  channel: "",
  account: "",
  sender: "",
  umnicoId: "",
});

/** The keys of messages that begin with a minute. */
export function keysOf(dialog: string, said: readonly Said[]): Keyed[] {
  const keys = new Keys(dialog);
  return said.map((one) => keys.of(one));
}

/** Stores windows as the importer does: a key that is there stays as it is. */
export class Store {
  readonly #rows = new Map<string, { said: Said; at: number }>();
  readonly aside = new Set<string>();

  /** Returns how many messages were new. */
  add(window: readonly Said[], { cut = true } = {}): number {
    const before = this.#rows.size;
    const newest = this.newest();
    const keyed = keysOfWindow("501", keysOf("501", window), { newest, cut, aside: this.aside });
    const times = timesOf(keyed, { newest, cut });
    keyed.forEach(({ key, said }: Keyed, index) => {
      if (!this.#rows.has(key) && !this.aside.has(key)) this.#rows.set(key, { said, at: times[index] ?? 0 });
    });
    return this.#rows.size - before;
  }

  /** Their texts in the order of their times. */
  texts(): string[] {
    return this.#sorted().map(([, { said }]) => said.content);
  }

  times(): number[] {
    return this.#sorted().map(([, { at }]) => at);
  }

  keys(): string[] {
    return this.#sorted().map(([key]) => key);
  }

  forget(key: string): void {
    this.#rows.delete(key);
  }

  newest(): NewestMinute | undefined {
    const rows = this.#sorted();
    const last = rows.at(-1)?.[1].said.moment.minute;
    if (last === undefined) return undefined;
    const messages = rows.filter(([, { said }]) => said.moment.minute === last).map(([key, { at }]) => ({ key, at }));
    return { minute: last, messages };
  }

  #sorted() {
    return [...this.#rows].sort(([, a], [, b]) => a.at - b.at);
  }
}
