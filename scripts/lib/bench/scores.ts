import type { Measured } from "./measure.ts";
import { median } from "./percentiles.ts";

/** One measured run of one contestant. */
export interface Result extends Measured {
  readonly name: string;
  readonly audits: number;
}

/** All runs of one contestant at one size: the median of their times, the most of their memory. */
export interface Score extends Result {
  readonly times: number;
}

/** The score of a contestant at a size; undefined where it was not measured. */
export function scoreOf(results: readonly Result[], name: string, audits: number): Score | undefined {
  const own = results.filter((result) => result.name === name && result.audits === audits);
  const [first] = own;
  if (first === undefined) return undefined;
  const peaks = own.flatMap(({ peakBytes }) => peakBytes ?? []);
  return {
    ...first,
    times: own.length,
    ms: median(own.map(({ ms }) => ms)),
    ...(peaks.length === 0 ? {} : { peakBytes: Math.max(...peaks) }),
  };
}
