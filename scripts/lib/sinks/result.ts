/** Adds up what became of a page. */
import { addCounts } from "../counts.ts";
import type { ItemError, PageResult } from "../task.ts";
import type { Fetched, Stored, ThreadPage } from "../thread.ts";
import type { SinkOptions } from "./options.ts";
import type { Place } from "./rows.ts";

/** What the statement said of a page's messages. */
export interface Told {
  /** Parts whose conversation is in quarantine. */
  readonly refused: ReadonlySet<Fetched>;
  readonly places: ReadonlyMap<Fetched, readonly Place[]>;
  /** Numbers of messages. */
  readonly existing: ReadonlySet<number>;
  readonly quarantined: ReadonlySet<number>;
}

/** Rows, each counted once in a run. */
export type Counts = Readonly<
  Record<
    "customersCreated" | "customersUpdated" | "conversationsCreated" | "conversationsUpdated" | "bookingsLinked",
    number
  >
>;

/** A page's result: messages by outcome, what its parts say of themselves, and which conversations are not known to be whole. */
export function resultOf(
  page: ThreadPage,
  told: Told,
  counts: Counts,
  { allowPartial = false }: SinkOptions,
): PageResult {
  const sum = { created: 0, existing: 0, quarantined: 0 };
  const skipped: Record<string, number> = {};
  const counters: Record<string, number> = { ...counts };
  const problems: ItemError[] = [];
  const lines: string[] = [];
  addCounts(counters, page.counters);
  for (const part of page.parts) {
    const refused = told.refused.has(part);
    const stored = refused ? refusedPart(part) : storedOf(part, told);
    addCounts(sum, { ...stored });
    addCounts(skipped, part.skipped);
    const { counters: counted, line } = refused ? (part.ifRefused ?? part) : part;
    addCounts(counters, counted);
    problems.push(...(part.problems ?? []), ...(allowPartial || refused ? [] : partialOf(part)));
    const text = typeof line === "function" ? line(stored) : (line ?? "");
    if (text !== "") lines.push(text);
  }
  const skippedInAll = Object.values(skipped).reduce((all, count) => all + count, 0);
  return {
    fetched: sum.created + sum.existing + sum.quarantined + skippedInAll,
    created: sum.created,
    unchanged: sum.existing,
    quarantined: sum.quarantined,
    skipped,
    counters,
    problems,
    lines,
  };
}

/** One of many parts of a conversation is not counted: the last one is, for all of them. */
const refusedPart = ({ thread }: Fetched): Stored => ({
  created: 0,
  existing: 0,
  quarantined: thread?.coverage.kind === "unfinished" ? 0 : 1,
});

function storedOf(part: Fetched, { places, existing, quarantined }: Told): Stored {
  const stored = { created: 0, existing: 0, quarantined: 0 };
  for (const { n, first } of places.get(part) ?? []) {
    if (quarantined.has(n)) stored.quarantined += 1;
    else if (!first || existing.has(n)) stored.existing += 1;
    else stored.created += 1;
  }
  return stored;
}

const partialOf = ({ thread }: Fetched): ItemError[] =>
  thread?.coverage.kind === "partial" ? [{ key: thread.key, code: "PARTIAL", message: thread.coverage.reason }] : [];
