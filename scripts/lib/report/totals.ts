import { addCounts } from "../counts.ts";
import type { PageResult, Totals } from "../task.ts";

/** Nothing yet; every reason of `skips` is there with 0. */
export const emptyTotals = (skips: readonly string[]): Totals => ({
  fetched: 0,
  created: 0,
  updated: 0,
  unchanged: 0,
  skipped: Object.fromEntries(skips.map((reason) => [reason, 0])),
  quarantined: 0,
  counters: {},
});

/** Adds a page's result to the totals. */
export function addResult(totals: Totals, result: PageResult): void {
  totals.fetched += result.fetched;
  totals.created += result.created ?? 0;
  totals.updated += result.updated ?? 0;
  totals.unchanged += result.unchanged ?? 0;
  totals.quarantined += result.quarantined ?? 0;
  addCounts(totals.skipped, result.skipped);
  addCounts(totals.counters, result.counters);
}

/** What is wrong with the sum, or undefined where it closes. */
export function sumProblem({ fetched, created, updated, unchanged, skipped, quarantined }: Totals): string | undefined {
  const skippedInAll = Object.values(skipped).reduce((sum, count) => sum + count, 0);
  const sum = created + updated + unchanged + skippedInAll + quarantined;
  if (sum === fetched) return undefined;
  return (
    `The sum does not close: fetched ${fetched}, but created ${created} + updated ${updated} + unchanged ${unchanged}` +
    ` + skipped ${skippedInAll} + quarantined ${quarantined} = ${sum}.`
  );
}
