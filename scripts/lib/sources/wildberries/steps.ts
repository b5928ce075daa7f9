/** What the sync of stores is made of: each step of a store is some threads, and what is to be written down about the store. */
import { RunFailed } from "../../errors.ts";
import type { Fetched, Thread } from "../../thread.ts";
import { chatKey } from "./names.ts";

export const SOURCE = "wildberries_sync";

/** What is written down about a store in the transaction that stores the step. */
export interface StoreNote {
  readonly store: string;
  /** Opens its row in `sync_logs`. */
  readonly begins?: "full" | "incremental";
  /** All events before this are stored: `stores.chat_cursor`. */
  readonly cursor?: string;
  /** When its next request may be made, ISO 8601: `stores.next_request_at`; null where nothing is known against one. */
  readonly comeBack?: string | null;
  /** Closes its row in `sync_logs`. */
  readonly ends?: StoreEnd;
}

/** How a store ended. "stopped": `--limit` was reached. */
export interface StoreEnd {
  readonly how: "synced" | "failed" | "waits" | "stopped";
  /** Of one that failed or waits: why, and until when. */
  readonly message?: string;
}

/** A part of a step, without the place in the source, which follows from all stores. */
export interface StorePart extends Omit<Fetched, "cursor"> {
  readonly note?: StoreNote;
}

/** A part as it is yielded. */
export type StoreFetched = StorePart & Pick<Fetched, "cursor">;

export interface Step {
  readonly store: string;
  readonly parts: readonly StorePart[];
  /** Where the store stands afterwards: a value for `next`, "" before the first, or DONE. */
  readonly stands: string;
}

/** A store of which there is no more. */
export const DONE = "done";

/** The store can't be synced; the others can. */
export class StoreFailed extends RunFailed {
  override name = "StoreFailed";
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** A store's chat as a thread. */
export const threadOf = (
  store: string,
  chatId: string,
  rest: Pick<Thread, "messages"> & Partial<Pick<Thread, "metadata" | "startedAt">>,
): Thread => ({
  id: chatId,
  key: chatKey(store, chatId),
  channel: "wildberries",
  storeId: store,
  coverage: { kind: "unknown" },
  ...rest,
});
