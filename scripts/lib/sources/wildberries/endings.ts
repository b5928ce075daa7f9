/** How a store's sync ends, and the part that says so. */
import { MustWait, RunFailed } from "../../errors.ts";
import { AccountRefused, ItemRefused } from "../../http/errors.ts";
import { StoreFailed, type StoreNote, type StorePart } from "./steps.ts";

/** Until when an hourly token's one request forbids another. */
export interface Asked {
  until?: Date;
}

export const comeBackOf = ({ until }: Asked): Pick<StoreNote, "comeBack"> =>
  until === undefined ? {} : { comeBack: until.toISOString() };

export const syncedPart = (store: string, { until }: Asked): StorePart => ({
  counters: { storesSynced: 1 },
  note: { store, comeBack: until?.toISOString() ?? null, ends: { how: "synced" } },
});

export const stoppedPart = (store: string, asked: Asked): StorePart => ({
  note: { store, ...comeBackOf(asked), ends: { how: "stopped" } },
});

/** The last part of a store that can't go on. What concerns more than the store is thrown on. */
export function failedPart(store: string, error: unknown, asked: Asked): StorePart {
  if (error instanceof MustWait) {
    const until = error.until ?? asked.until;
    const message = `${error.message}${until === undefined ? "" : `, until ${until.toISOString()}`}`;
    return { note: { store, ...(until === undefined ? {} : comeBackOf({ until })), ends: { how: "waits", message } } };
  }
  if (!(error instanceof RunFailed)) throw error;
  const { message } = error;
  return {
    counters: { storesFailed: 1 },
    problems: [{ key: store, code: codeOf(error), message }],
    note: { store, ...comeBackOf(asked), ends: { how: "failed", message } },
  };
}

function codeOf(error: RunFailed): string {
  if (error instanceof StoreFailed || error instanceof ItemRefused) return error.code;
  return error instanceof AccountRefused ? `HTTP_${error.status}` : "FAILED";
}
