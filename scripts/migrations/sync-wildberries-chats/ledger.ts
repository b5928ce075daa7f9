/** What a run has stored of each store, for its lines and its log. A page that is stored again, after a rollback, counts once. */
import type { Database } from "../../lib/db/database.ts";
import type { Stored, ThreadPage } from "../../lib/thread.ts";

/** Of one store. */
export interface Tally extends Record<keyof Stored, number> {
  /** Chats that the run saw. */
  chats: number;
  skipped: number;
}

export const emptyTally = (): Tally => ({ chats: 0, created: 0, existing: 0, quarantined: 0, skipped: 0 });

export class Ledger {
  readonly #stores = new Map<string, Tally>();
  readonly #pages = new WeakMap<ThreadPage, ReadonlyMap<string, Tally>>();
  readonly #numbers = new WeakMap<ThreadPage, number>();
  /** By the chat's key, the number of the page on which it was first seen. */
  readonly #seen = new Map<string, number>();
  #highest = 0;

  /** Whether no other page has had this chat. */
  isNew(page: ThreadPage, chat: string): boolean {
    const number = this.#numbers.get(page) ?? ++this.#highest;
    this.#numbers.set(page, number);
    const first = this.#seen.get(chat) ?? number;
    this.#seen.set(chat, first);
    return first === number;
  }

  /** What a page has stored, in place of what the same page may have said before. */
  set(page: ThreadPage, tallies: ReadonlyMap<string, Tally>): void {
    for (const [store, tally] of this.#pages.get(page) ?? []) this.#add(store, tally, -1);
    for (const [store, tally] of tallies) this.#add(store, tally, 1);
    this.#pages.set(page, tallies);
  }

  of(store: string): Tally {
    return this.#stores.get(store) ?? emptyTally();
  }

  #add(store: string, tally: Tally, times: 1 | -1): void {
    const sum = { ...this.of(store) };
    for (const name of Object.keys(tally) as (keyof Tally)[]) sum[name] += times * tally[name];
    this.#stores.set(store, sum);
  }
}

const ledgers = new WeakMap<Database, Ledger>();

/** The ledger of the run that works on this database. */
export function ledgerOf(db: Database): Ledger {
  const ledger = ledgers.get(db) ?? new Ledger();
  ledgers.set(db, ledger);
  return ledger;
}
