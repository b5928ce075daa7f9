/** Cuts what a chat source yields into pages for the sink, and fetches on while a page is stored. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Cursor, Demand } from "./page.ts";
import type { Ended } from "./task.ts";
import { type Fetched, pageOf, sizeOf, type ThreadPage } from "./thread.ts";

/** Whoever watches is to see what was fetched, and a kill is to lose little of it. */
const FLUSH_MS = 250;

export interface Collected {
  readonly demand: Pick<Demand, "items">;
  /** Where the source begins. */
  readonly start: Cursor;
  /** What has been counted since it was last asked, such as requests. */
  readonly usage: () => Readonly<Record<string, number>>;
}

/**
 * Pages of as many parts as hold the wanted number of items, or of what came within a quarter of a second. The last page, also
 * before a failure, may be empty: it carries what was counted after the last part.
 */
export async function* collect(
  source: AsyncGenerator<Fetched, Ended>,
  { demand, start, usage }: Collected,
): AsyncGenerator<ThreadPage, Ended> {
  let before = start;
  let parts: Fetched[] = [];
  let items = 0;
  let since = 0;
  const cut = (): ThreadPage => {
    const cursor = parts.at(-1)?.cursor ?? before;
    const page = pageOf(parts, { start: before, cursor, counters: usage() });
    before = cursor;
    parts = [];
    items = 0;
    return page;
  };
  try {
    for (let next = begun(source); ; ) {
      const came = await settled(next, parts.length === 0 ? undefined : since + FLUSH_MS - performance.now());
      if (came === "not yet") {
        yield cut();
        continue;
      }
      if ("error" in came) {
        yield cut();
        throw came.error;
      }
      if (came.done) {
        yield cut();
        return came.value;
      }
      if (parts.length === 0) since = performance.now();
      parts.push(came.value);
      items += sizeOf(came.value);
      next = begun(source);
      if (items >= demand.items) yield cut();
    }
  } finally {
    void source.return("end").catch(() => undefined);
  }
}

type Came = IteratorResult<Fetched, Ended> | { readonly error: unknown };

/** What fails while a page is being stored is thrown when it is asked for. */
const begun = (source: AsyncGenerator<Fetched, Ended>): Promise<Came> =>
  source.next().catch((error: unknown) => ({ error }));

/** What came, or that nothing came within so many milliseconds. */
async function settled(promise: Promise<Came>, ms: number | undefined): Promise<Came | "not yet"> {
  if (ms === undefined) return promise;
  const timer = new AbortController();
  try {
    const late = sleep(Math.max(0, ms), "not yet" as const, { signal: timer.signal });
    return await Promise.race([promise, late.catch(() => "not yet" as const)]);
  } finally {
    timer.abort();
  }
}
