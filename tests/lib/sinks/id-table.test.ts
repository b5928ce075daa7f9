import { expect, test } from "@jest/globals";
import { deterministicId } from "../../../scripts/lib/deterministic-id.ts";
import { IdTable } from "../../../scripts/lib/sinks/id-table.ts";

const idOf = (n: number) => deterministicId("table", String(n));

test("each of 100,000 ids is there once it is added, and none before", () => {
  const table = new IdTable();
  for (let n = 0; n < 100_000; n++) {
    expect(table.add(idOf(n))).toBe(true);
    if (n % 1_000 === 0) expect(table.has(idOf(n + 1))).toBe(false);
  }
  expect(table.size).toBe(100_000);
  for (let n = 0; n < 100_000; n += 7) expect([table.has(idOf(n)), table.add(idOf(n))]).toEqual([true, false]);
});

test("an id keeps the value that it came with", () => {
  const table = new IdTable({ values: true });
  for (let n = 0; n < 5_000; n++) table.add(idOf(n), idOf(n + 1));
  table.add(idOf(1), idOf(9));
  expect([table.get(idOf(1)), table.get(idOf(4_999)), table.get(idOf(5_000))]).toEqual([
    idOf(2),
    idOf(5_000),
    undefined,
  ]);
});

test("ids that begin and end alike are told apart", () => {
  const table = new IdTable();
  const ids = Array.from({ length: 500 }, (_, n) => `00000000-0000-0000-0000-${String(n).padStart(4, "0")}00000001`);
  for (const id of ids) expect(table.add(id)).toBe(true);
  expect(ids.every((id) => table.has(id))).toBe(true);
  expect(table.has("00000000-0000-0000-0000-999900000001")).toBe(false);
});
