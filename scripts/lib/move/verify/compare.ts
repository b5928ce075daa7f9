/**
 * Compares a table's rows on two sides: one pass over each adds their hashes up by bucket; of buckets that differ, the rows are
 * read in the order of their keys' hashes, so that what differs is named, down to the column.
 */
import type { Shape } from "./canonical.ts";
import type { Sums } from "./hashes.ts";
import { type Difference, mergeRows } from "./merge.ts";
import type { Side } from "./side.ts";

/** What two sides of one table have in common. */
export interface Comparison {
  readonly sourceRows: number;
  readonly targetRows: number;
  readonly missing: number;
  readonly extra: number;
  readonly changed: number;
  /** The first of them. */
  readonly listed: readonly Difference[];
  /** Sums differed, and the rows that made them up did not: somebody writes meanwhile. */
  readonly unsettled: boolean;
}

interface Summed {
  readonly source: Sums;
  readonly target: Sums;
}

/** Counts every difference and lists the first `list` of them. */
export async function compareSides(source: Side, target: Side, shape: Shape, list: number): Promise<Comparison> {
  const summed = await sumBoth(source, target);
  const counted = { missing: 0, extra: 0, changed: 0 };
  const listed: Difference[] = [];
  const buckets = differingBuckets(summed);
  for await (const difference of rowsOf(source, target, shape, buckets)) {
    counted[difference.kind] += 1;
    if (listed.length < list) listed.push(difference);
  }
  return {
    sourceRows: countRows(summed.source),
    targetRows: countRows(summed.target),
    ...counted,
    listed,
    unsettled: buckets.length > 0 && counted.missing + counted.extra + counted.changed === 0,
  };
}

/** Every difference, one after the other. */
export async function* differencesOf(source: Side, target: Side, shape: Shape): AsyncGenerator<Difference, void> {
  yield* rowsOf(source, target, shape, differingBuckets(await sumBoth(source, target)));
}

async function sumBoth(source: Side, target: Side): Promise<Summed> {
  const [ofSource, ofTarget] = await Promise.all([source.sums(), target.sums()]);
  return { source: ofSource, target: ofTarget };
}

function differingBuckets({ source, target }: Summed): number[] {
  const all = new Set([...source.keys(), ...target.keys()]);
  return [...all].filter((bucket) => {
    const [here, there] = [source.get(bucket), target.get(bucket)];
    return here?.rows !== there?.rows || here?.hash !== there?.hash;
  });
}

async function* rowsOf(
  source: Side,
  target: Side,
  shape: Shape,
  buckets: readonly number[],
): AsyncGenerator<Difference, void> {
  if (buckets.length === 0) return;
  yield* mergeRows(source.rows(buckets), target.rows(buckets), shape);
}

const countRows = (sums: Sums): number => [...sums.values()].reduce((total, { rows }) => total + rows, 0);
