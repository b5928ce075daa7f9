import { expect, test } from "@jest/globals";
import { addResult, emptyTotals, sumProblem } from "../../../scripts/lib/report/totals.ts";

test("results add up field by field, and every reason is there from the start", () => {
  const totals = emptyTotals(["noText", "gone"]);
  addResult(totals, { fetched: 5, created: 2, skipped: { noText: 3 }, counters: { threads: 1 } });
  addResult(totals, {
    fetched: 4,
    updated: 1,
    unchanged: 1,
    quarantined: 1,
    skipped: { noText: 1 },
    counters: { threads: 2 },
  });
  expect(totals).toEqual({
    fetched: 9,
    created: 2,
    updated: 1,
    unchanged: 1,
    quarantined: 1,
    skipped: { noText: 4, gone: 0 },
    counters: { threads: 3 },
  });
  expect(sumProblem(totals)).toBeUndefined();
});

test.each(["created", "updated", "unchanged", "quarantined"] as const)(
  "an item %s but not fetched breaks the sum",
  (field) => {
    const totals = emptyTotals([]);
    addResult(totals, { fetched: 1, [field]: 2 });
    expect(sumProblem(totals)).toMatch(/^The sum does not close: fetched 1, but .* = 2\.$/);
  },
);

test("an item that was fetched and forgotten breaks the sum", () => {
  const totals = emptyTotals([]);
  addResult(totals, { fetched: 3, created: 2 });
  expect(sumProblem(totals)).toContain("fetched 3, but created 2");
});
