/** Pages whose texts are too much for one statement are stored in several, in the same transaction. */
import { addCounts } from "../counts.ts";
import type { ItemError, PageResult } from "../task.ts";
import { type Fetched, pageOf, type ThreadPage } from "../thread.ts";

/** A statement's input is held several times in memory, here and on the server. */
export const MOST_CHARACTERS = 16 * 1024 ** 2;

/** Runs `work` over a page, or one after the other over as many parts of it at a time as hold some 16 million characters. */
export async function inPortions(
  page: ThreadPage,
  work: (portion: ThreadPage) => Promise<PageResult>,
): Promise<PageResult> {
  const portions = portionsOf(page);
  if (portions.length < 2) return work(page);
  const counts = { fetched: 0, created: 0, unchanged: 0, quarantined: 0 };
  const sum: Sum = { ...counts, skipped: {}, counters: {}, problems: [], lines: [] };
  for (const portion of portions) addTo(sum, await work(portion));
  return sum;
}

function portionsOf({ parts, start, cursor, counters }: ThreadPage): ThreadPage[] {
  const groups: Fetched[][] = [[]];
  let characters = 0;
  for (const part of parts) {
    const more = charactersOf(part);
    if (characters > 0 && characters + more > MOST_CHARACTERS) {
      groups.push([]);
      characters = 0;
    }
    groups.at(-1)?.push(part);
    characters += more;
  }
  return groups.map((group, n) => pageOf(group, { start, cursor, ...(n === groups.length - 1 ? { counters } : {}) }));
}

const charactersOf = ({ thread }: Fetched): number =>
  thread?.messages.reduce((sum, { content }) => sum + content.length, 0) ?? 0;

interface Sum extends PageResult {
  fetched: number;
  created: number;
  unchanged: number;
  quarantined: number;
  readonly skipped: Record<string, number>;
  readonly counters: Record<string, number>;
  readonly problems: ItemError[];
  readonly lines: string[];
}

function addTo(sum: Sum, result: PageResult): void {
  sum.fetched += result.fetched;
  sum.created += result.created ?? 0;
  sum.unchanged += result.unchanged ?? 0;
  sum.quarantined += result.quarantined ?? 0;
  addCounts(sum.skipped, result.skipped);
  addCounts(sum.counters, result.counters);
  sum.problems.push(...(result.problems ?? []));
  sum.lines.push(...(result.lines ?? []));
}
