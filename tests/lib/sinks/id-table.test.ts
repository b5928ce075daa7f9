import { expect, test } from "@jest/globals";
import { deterministicId } from "../../../scripts/lib/deterministic-id.ts";
import { IdTable } from "../../../scripts/lib/sinks/id-table.ts";

const idOf = (n: number) => deterministicId("table", String(n));

test("each of 100,000 ids is there once it is added, and none before", () => {
  const table = new IdTable();
  const wrong: number[] = [];
  for (let n = 0; n < 100_000; n++) if (table.has(idOf(n)) || !table.add(idOf(n))) wrong.push(n);
  for (let n = 0; n < 100_000; n++) if (!table.has(idOf(n)) || table.add(idOf(n))) wrong.push(n);
  expect([wrong, table.size]).toEqual([[], 100_000]);
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

test("what is added over a table is seen at once, and reaches it only when it is told to", () => {
  const below = new IdTable({ values: true });
  below.add(idOf(1), idOf(10));
  const over = new IdTable({ values: true, below });
  expect([over.has(idOf(1)), over.get(idOf(1)), over.add(idOf(1), idOf(11))]).toEqual([true, idOf(10), false]);
  for (let n = 2; n < 3_000; n++) over.add(idOf(n), idOf(n + 10));
  expect([below.has(idOf(2)), below.size]).toEqual([false, 1]);
  over.sink();
  expect([below.get(idOf(2)), below.get(idOf(2_999)), below.size]).toEqual([idOf(12), idOf(3_009), 2_999]);
});
