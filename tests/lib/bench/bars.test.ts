import { describe, expect, test } from "@jest/globals";
import { barsTable } from "../../../scripts/lib/bench/bars.ts";
import { NAMES } from "../../../scripts/lib/bench/contestants.ts";

describe("The bars", () => {
  const at = (name: string, audits: number, ms: number, megabytes: number) => ({
    ...{ name, audits, ms },
    peakBytes: megabytes * 1_000_000,
  });
  const sizes = [10_000, 100_000, 1_000_000].map((audits) => ({ audits, leads: audits / 20 }));

  test("are met up to the bar and not beyond it", () => {
    const results = [
      { name: NAMES.statement, audits: 1_000_000, ms: 100_000 },
      at(NAMES.oneWorker, 1_000_000, 91_000, 150),
      at(NAMES.twoWorkers, 1_000_000, 45_000, 141),
      at(NAMES.again, 1_000_000, 9_000, 100),
      at(NAMES.dryRun, 1_000_000, 11_700, 100),
      at(NAMES.twoWorkers, 100_000, 3_400, 130),
      at(NAMES.twoWorkers, 10_000, 1_000, 120),
    ];
    expect(barsTable(results, sizes).rows).toEqual([
      ["2 workers / hand-written", "0.45", "0.45", "met"],
      ["1 worker / hand-written", "0.90", "0.91", "not met"],
      ["second run / first run", "0.20", "0.20", "met"],
      ["dry run / first run", "0.25", "0.26", "not met"],
      ["peak memory", "150 MB", "150 MB", "met"],
      ["peak memory beyond that at 10,000", "20 MB", "21 MB", "not met"],
      ["time per audit, to that at 100,000", "1.30", "1.32", "not met"],
    ]);
  });

  test("are told only where their parts were measured, by the median of the times and the most of the peaks", () => {
    const results = [1, 3, 2]
      .map((n) => at(NAMES.twoWorkers, 1_000_000, n * 10_000, 100 + n))
      .concat([50_000, 10_000, 40_000].map((ms) => at(NAMES.statement, 1_000_000, ms, 0)));
    expect(barsTable(results, sizes).rows).toEqual([
      ["2 workers / hand-written", "0.45", "0.50", "not met"],
      ["peak memory", "150 MB", "103 MB", "met"],
    ]);
  });
});
