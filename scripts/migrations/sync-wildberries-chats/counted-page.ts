import type { Stored, ThreadPage } from "../../lib/thread.ts";
import { emptyTally, type Tally } from "./ledger.ts";

/** A page that adds up what becomes of its messages, by store. */
interface CountedPage {
  readonly page: ThreadPage;
  /** What was added up since the last time; where nothing was, because the sink knew the answer, what it was then. */
  take(): Map<string, Tally>;
}

const countedPages = new WeakMap<ThreadPage, CountedPage>();

/** The same one whenever the page is asked about. */
export function countedPage(page: ThreadPage): CountedPage {
  const known = countedPages.get(page);
  if (known !== undefined) return known;
  let last = new Map<string, Tally>();
  let sums: typeof last | undefined;
  const note = (store: string, stored: Stored): string => {
    sums ??= new Map();
    const tally = entryIn(sums, store);
    for (const name of Object.keys(stored) as (keyof Stored)[]) tally[name] += stored[name];
    return "";
  };
  const parts = page.parts.map((part) => {
    const { thread } = part;
    return thread === undefined ? part : { ...part, line: (stored: Stored) => note(thread.storeId ?? "", stored) };
  });
  const counted: CountedPage = {
    page: { ...page, parts },
    take: () => {
      last = sums ?? last;
      sums = undefined;
      return new Map([...last].map(([store, tally]) => [store, { ...tally }]));
    },
  };
  countedPages.set(page, counted);
  return counted;
}

/** The store's tally, made where there is none. */
export function entryIn(tallies: Map<string, Tally>, store: string): Tally {
  const tally = tallies.get(store) ?? emptyTally();
  tallies.set(store, tally);
  return tally;
}
