import { expect, test } from "@jest/globals";
import type { KeyRange, Table } from "../../../../scripts/lib/move/catalog-types.ts";
import {
  amongKeys,
  conditionsOf,
  keysIn,
  lastKeyIn,
  nameIn,
  selectionOf,
} from "../../../../scripts/lib/move/postgrest/query.ts";

const keyed = (...columns: string[]): Table => ({
  name: "things",
  columns: [],
  constraints: columns.length === 0 ? [] : [{ name: "things_pkey", kind: "primary", columns, definition: "" }],
  indexes: [],
  triggers: [],
  rowSecurity: false,
  policies: [],
  comment: null,
  estimatedRows: 0,
  bytes: 0,
});

const range = (rest: Partial<KeyRange>): KeyRange => ({ table: "things", after: null, until: null, ...rest });

test("A range of one column is a bound at each end", () => {
  expect(conditionsOf(keyed("id"), range({ after: ["5"], until: ["9"] }))).toEqual(['id.gt."5"', 'id.lte."9"']);
  expect(conditionsOf(keyed("id"), range({}))).toEqual([]);
  expect(conditionsOf(keyed(), range({ until: [] }))).toEqual([]);
});

test("A range of several columns compares them in their order, and bounds the first by itself", () => {
  expect(conditionsOf(keyed("a", "b", "c"), range({ after: ["1", "2", "3"], until: ["4", "5", "6"] }))).toEqual([
    'a.gte."1"',
    'or(a.gt."1",and(a.eq."1",or(b.gt."2",and(b.eq."2",c.gt."3"))))',
    'a.lte."4"',
    'or(a.lt."4",and(a.eq."4",or(b.lt."5",and(b.eq."5",c.lte."6"))))',
  ]);
});

test("Times that are late enough are one more condition", () => {
  const since = { columns: ["updated_at", "created at"], from: "2025-11-09 10:00:00+00" };
  expect(conditionsOf(keyed("id"), range({ since }))).toEqual([
    'or(updated_at.gte."2025-11-09 10:00:00+00","created at".gte."2025-11-09 10:00:00+00")',
  ]);
});

test("Keys are named one by one, or column by column", () => {
  expect(amongKeys(["id"], [["1"], ['a,"b\\']])).toBe('id.in.("1","a,\\"b\\\\")');
  expect(amongKeys(["a", "b"], [["1", "2"]])).toBe('or(and(a.eq."1",b.eq."2"))');
});

test.each([
  ["id", "id"],
  ["Mixed_9", "Mixed_9"],
  ["and", '"and"'],
  ["not", '"not"'],
  ["with space", '"with space"'],
  ["a.b", '"a.b"'],
  ['say "x"\\', '"say \\"x\\"\\\\"'],
  ["Ünï", '"Ünï"'],
  ["9", '"9"'],
])("The name %s is written as %s", (name, written) => {
  expect(nameIn(name)).toBe(written);
});

test("The key is selected last, as text, and rows come in its order", () => {
  expect(selectionOf(keyed("a", "b c"), ["a", "data::text"])).toEqual({
    select: 'a,data::text,_move_key_0:a::text,_move_key_1:"b c"::text',
    order: 'a.asc,"b c".asc',
  });
  expect(selectionOf(keyed("a"), [], "desc")).toEqual({ select: "_move_key_0:a::text", order: "a.desc" });
});

test("The last row's key is found without reading the body, whatever texts look like", () => {
  const trap = JSON.stringify('"_move_key_0":"1"}]');
  const body = `[{"note":"x","_move_key_0":"1","_move_key_1":"a"}, \n {"note":${trap},"_move_key_0":"9007199254740993","_move_key_1":${trap}}]`;
  expect(lastKeyIn(body)).toEqual(["9007199254740993", '"_move_key_0":"1"}]']);
  for (const other of ["[]", '[{"a":1}]', '[{"_move_key_0":"1"}', '[{"_move_key_0":null}]', "<html>"])
    expect(lastKeyIn(other)).toBeUndefined();
  expect(keysIn('[{"a":"1","b":"2"},{"a":"3","b":"4"}]')).toEqual([
    ["1", "2"],
    ["3", "4"],
  ]);
  expect(keysIn('[{"a":1}]')).toBeUndefined();
});
