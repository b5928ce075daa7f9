/** Latencies in a few numbers; all in milliseconds. */
export interface Latencies {
  readonly count: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** The smallest of the values that at least `percent` of them do not exceed: one that was measured, never one between two. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const rank = Math.max(1, Math.ceil((percent / 100) * sorted.length));
  return sorted[rank - 1] ?? Number.NaN;
}

/** The middle value; of an even number of them the lower of the two. */
export const median = (values: readonly number[]): number => percentile(values, 50);

/** What a list of latencies comes to. */
export const latenciesOf = (values: readonly number[]): Latencies => ({
  count: values.length,
  p50: percentile(values, 50),
  p99: percentile(values, 99),
  max: percentile(values, 100),
});
