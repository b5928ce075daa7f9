import { expect, test } from "@jest/globals";
import { inOrder } from "../../../scripts/lib/move/order.ts";

type Needs = Record<string, readonly string[]>;

const order = (needs: Needs) => {
  const { items, cycles } = inOrder(
    Object.keys(needs),
    (name) => name,
    (name) => needs[name] ?? [],
  );
  return { order: items.join(" "), cycles };
};

test.each<[string, Needs, string, string[][]]>([
  ["nothing", {}, "", []],
  ["what needs nothing, in the given order", { c: [], a: [], b: [] }, "c a b", []],
  ["a chain", { c: ["b"], b: ["a"], a: [] }, "a b c", []],
  ["a diamond", { d: ["b", "c"], b: ["a"], c: ["a"], a: [] }, "a b c d", []],
  ["what is not among them", { b: ["a", "elsewhere"], a: [] }, "a b", []],
  ["one that needs itself", { a: ["a"], b: ["a"] }, "a b", []],
  ["two that need each other", { b: ["a"], a: ["b"] }, "b a", [["b", "a"]]],
  [
    "a circle with something before and behind it",
    { last: ["x"], x: ["y"], y: ["z"], z: ["x", "first"], first: [] },
    "first x y z last",
    [["x", "y", "z"]],
  ],
  [
    "two circles, of which one needs the other",
    { c: ["d", "b"], d: ["c"], a: ["b"], b: ["a"] },
    "a b c d",
    [
      ["a", "b"],
      ["c", "d"],
    ],
  ],
  ["circles that share an item", { a: ["b", "c"], b: ["a"], c: ["a"] }, "a b c", [["a", "b", "c"]]],
])("%s", (_, needs, expected, cycles) => {
  expect(order(needs)).toEqual({ order: expected, cycles });
});

test("A long chain is no matter", () => {
  const names = Array.from({ length: 2_000 }, (_, i) => `t${i}`);
  const needs = Object.fromEntries(names.map((name, i) => [name, i + 1 < names.length ? [`t${i + 1}`] : []]));
  expect(order(needs).order).toBe(names.reverse().join(" "));
});
