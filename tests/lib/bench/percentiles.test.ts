import { describe, expect, test } from "@jest/globals";
import { latenciesOf, median, percentile } from "../../../scripts/lib/bench/percentiles.ts";

describe("A percentile", () => {
  const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);
  test.each<[values: number[], percent: number, expected: number]>([
    [[7], 50, 7],
    [[7], 99, 7],
    [[3, 1, 2], 50, 2],
    [[4, 1, 3, 2], 50, 2],
    [[4, 1, 3, 2], 75, 3],
    [[4, 1, 3, 2], 76, 4],
    [[1, 2, 10], 100, 10],
    [[1, 2, 10], 0, 1],
    [[10, 9, 100], 50, 10],
    [[], 50, Number.NaN],
  ])("of %j at %d percent is %d", (values, percent, expected) => {
    expect(percentile(values, percent)).toBe(expected);
  });

  test("of a hundred values is that of its number, of one more the next", () => {
    expect([1, 50, 99, 100].map((percent) => percentile(hundred, percent))).toEqual([1, 50, 99, 100]);
    expect(percentile([...hundred, 101], 99)).toBe(100);
  });

  test("leaves the list as it was; latencies hold count, median, p99 and the most", () => {
    const values = [5, 1, 3];
    expect(median(values)).toBe(3);
    expect(latenciesOf(values)).toEqual({ count: 3, p50: 3, p99: 5, max: 5 });
    expect(values).toEqual([5, 1, 3]);
  });
});
