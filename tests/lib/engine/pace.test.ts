import { expect, test } from "@jest/globals";
import { Pace } from "../../../scripts/lib/engine/pace.ts";

const BOUNDS = { first: 1_000, least: 50, most: 100_000 };

/** Lets pages take so many milliseconds an item until the size has settled. */
const settle = (pace: Pace, itemMs: number, pages = 60): number => {
  for (let page = 0; page < pages; page += 1) pace.record(pace.items, pace.items * itemMs);
  return pace.items;
};

test.each([
  { itemMs: 0.05, items: 10_000 },
  { itemMs: 0.5, items: 1_000 },
  { itemMs: 5, items: 100 },
  { itemMs: 0.0001, items: 100_000 },
  { itemMs: 1_000, items: 50 },
])("at $itemMs ms an item, pages of 500 ms hold $items", ({ itemMs, items }) => {
  expect(settle(new Pace(BOUNDS, 500), itemMs)).toBe(items);
});

test("a page is at most twice as large as the one before", () => {
  const pace = new Pace(BOUNDS, 500);
  pace.record(1_000, 1);
  expect(pace.items).toBe(2_000);
});

test("one slow page among quick ones makes the next a little smaller, not tiny", () => {
  const pace = new Pace(BOUNDS, 500);
  settle(pace, 0.05);
  pace.record(10_000, 2_500);
  expect(pace.items).toBeGreaterThan(4_000);
  expect(pace.items).toBeLessThan(5_000);
});

test("a page that its range cut short says nothing about larger ones", () => {
  const pace = new Pace(BOUNDS, 500);
  settle(pace, 0.05);
  pace.record(3, 400);
  expect(pace.items).toBe(10_000);
});

test("a timeout halves the next page, which grows back as pages succeed", () => {
  const pace = new Pace(BOUNDS, 500);
  settle(pace, 0.05);
  pace.shrink();
  expect(pace.items).toBe(5_000);
  pace.shrink();
  expect(pace.items).toBe(2_500);
  expect(settle(pace, 0.05)).toBe(10_000);
});

test("a size that is given stays", () => {
  const pace = new Pace({ first: 7, least: 7, most: 7 }, 500);
  settle(pace, 100);
  pace.shrink();
  expect(pace.items).toBe(7);
});
