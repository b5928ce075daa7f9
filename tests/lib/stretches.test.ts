import { expect, test } from "@jest/globals";
import { inStretches } from "../../scripts/lib/stretches.ts";
import { turnsIn } from "../helpers/turns.ts";

const TICK_MS = 1;

/** Keeps the thread busy. */
function work(): void {
  const until = performance.now() + TICK_MS;
  while (performance.now() < until);
}

test("Long work lets the event loop go on every few milliseconds", async () => {
  const items = [...Array(100).keys()];
  const done: number[] = [];
  const turns = await turnsIn(() =>
    inStretches(items, (item) => {
      work();
      done.push(item);
    }),
  );
  expect(done).toEqual(items);
  expect(turns).toBeGreaterThan(9);
});

test("What the work throws ends it", async () => {
  const done: number[] = [];
  const working = inStretches([1, 2, 3], (item) => {
    if (item === 2) throw new Error("no");
    done.push(item);
  });
  await expect(working).rejects.toThrow("no");
  expect(done).toEqual([1]);
});
