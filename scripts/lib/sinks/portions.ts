/** Pages whose texts are too much for one statement are stored in several, in the same transaction. */
import type { PageResult } from "../task.ts";
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
  let sum: PageResult = { fetched: 0 };
  for (const portion of portions) sum = added(sum, await work(portion));
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

function added(one: PageResult, other: PageResult): PageResult {
  const count = (name: "fetched" | "created" | "unchanged" | "quarantined") => (one[name] ?? 0) + (other[name] ?? 0);
  return {
    fetched: count("fetched"),
    created: count("created"),
    unchanged: count("unchanged"),
    quarantined: count("quarantined"),
    skipped: addedCounts(one.skipped, other.skipped),
    counters: addedCounts(one.counters, other.counters),
    problems: [...(one.problems ?? []), ...(other.problems ?? [])],
    lines: [...(one.lines ?? []), ...(other.lines ?? [])],
  };
}

function addedCounts(
  one: Readonly<Record<string, number>> = {},
  other: Readonly<Record<string, number>> = {},
): Record<string, number> {
  const sum = { ...one };
  for (const [name, count] of Object.entries(other)) sum[name] = (sum[name] ?? 0) + count;
  return sum;
}
