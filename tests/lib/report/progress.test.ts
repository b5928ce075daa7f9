import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "@jest/globals";
import { Progress } from "../../../scripts/lib/report/progress.ts";

test("a total says whether it was counted or estimated", () => {
  const progress = new Progress("audits");
  progress.begin({ items: 2_000, exact: true });
  progress.advance(500);
  expect(String(progress)).toBe("500 of 2,000 audits (25%)");
  progress.begin({ items: 1_000, exact: false });
  expect(String(progress)).toBe("500 of about 1,000 audits (50%)");
});

test("without a total it counts, and promises nothing", () => {
  const progress = new Progress("audits");
  progress.begin(undefined);
  progress.advance(1_234);
  expect(String(progress)).toBe("1,234 audits");
  expect(progress.left()).toBeUndefined();
});

test("more items than the total is never more than 100%, nor less than nothing left", () => {
  const progress = new Progress("audits");
  progress.begin({ items: 10, exact: true });
  progress.advance(12);
  expect(String(progress)).toBe("12 of 10 audits (100%)");
  expect(progress.left()).toBe(0);
});

test("after half a second there is a rate, and from it the time left", async () => {
  const progress = new Progress("audits");
  progress.begin({ items: 100_000, exact: true });
  await sleep(520);
  progress.advance(1_000);
  expect(String(progress)).toMatch(/^1,000 of 100,000 audits \(1%\), [\d,]+\/s, .* left$/);
  progress.advance(99_000);
  expect(String(progress)).not.toContain("left");
});
