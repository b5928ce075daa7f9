import { withPatience } from "../db/patience.ts";
import type { Ended, Page } from "../task.ts";
import { type PagedSession, patienceOf } from "./session.ts";

/** Pages one after the other, through lost connections. */
export class Source {
  readonly #session: PagedSession;
  readonly #open: () => AsyncGenerator<Page, Ended>;
  #pages: AsyncGenerator<Page, Ended> | undefined;

  /** `open` begins after the last page that was stored, however often it is asked. */
  constructor(session: PagedSession, open: () => AsyncGenerator<Page, Ended>) {
    this.#session = session;
    this.#open = open;
  }

  next(): Promise<IteratorResult<Page, Ended>> {
    return withPatience(patienceOf(this.#session), async () => {
      this.#pages ??= this.#open();
      // A generator that has thrown is at its end: the next attempt opens another one.
      return this.#pages.next().catch((error: unknown) => {
        this.#pages = undefined;
        throw error;
      });
    });
  }

  /** Nothing more is wanted: what it fetches on meanwhile is given up. */
  close(): void {
    void this.#pages?.return("end").catch(() => undefined);
  }

  /** What lies ahead has changed: the next page is cut anew. */
  reopen(): void {
    this.#pages = undefined;
  }
}
