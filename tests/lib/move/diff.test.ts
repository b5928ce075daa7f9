import { expect, test } from "@jest/globals";
import { withDatabase } from "../../../scripts/lib/db/database.ts";
import { readCatalog } from "../../../scripts/lib/move/catalog.ts";
import { type Difference, diffTables } from "../../../scripts/lib/move/diff.ts";
import { useDatabase } from "../../helpers/database.ts";
import { makeOdd, makeSalon, runIn } from "../../helpers/salon.ts";

const db = useDatabase({ empty: true });

const diff = ({ complete = true } = {}): Promise<Difference[]> =>
  withDatabase(db.address, {}, async (database) => {
    const source = await readCatalog(database, "a");
    return diffTables({ ...source, complete }, await readCatalog(database, "b"), source.tables);
  });

/** Tables of one column besides their key, and what is said of that column. */
async function columnOf(ours: string, theirs: string): Promise<string[]> {
  await runIn(db, "a", `create table t (id integer primary key, v ${ours})`);
  await runIn(db, "b", `create table t (id integer primary key, v ${theirs})`);
  return (await diff()).map(({ effect, what }) => `${effect}: ${what}`);
}

test("Two schemas that were made alike do not differ", async () => {
  for (const schema of ["a", "b"]) {
    await makeSalon(db, schema, { rows: false });
    await makeOdd(db, schema, { rows: false });
  }
  expect(await diff()).toEqual([
    expect.objectContaining({
      table: "no_key",
      what: "the source has no primary key: it moves in one page, and sync only adds rows to it",
    }),
    expect.objectContaining({ table: "no_key_but_unique" }),
  ]);
});

const TYPES = [
  ["bigint", "integer", "loses"],
  ["integer", "bigint", "differs"],
  ["smallint", "numeric", "differs"],
  ["bigint", "numeric(10)", "loses"],
  ["bigint", "double precision", "loses"],
  ["numeric", "numeric(10,2)", "loses"],
  ["numeric(10,2)", "numeric(12,2)", "differs"],
  ["numeric(10,2)", "numeric(10,3)", "loses"],
  ["numeric(10,2)", "numeric(11,3)", "differs"],
  ["numeric(10)", "numeric(10,2)", "loses"],
  ["numeric(10,2)", "numeric", "differs"],
  ["numeric", "double precision", "loses"],
  ["double precision", "real", "loses"],
  ["real", "double precision", "differs"],
  ["text", "varchar(20)", "loses"],
  ["varchar(20)", "text", "differs"],
  ["varchar(20)", "varchar(30)", "differs"],
  ["varchar(30)", "varchar(20)", "loses"],
  ["char(6)", "char(5)", "loses"],
  ["char(6)", "varchar(5)", "loses"],
  ["bit(5)", "bit(8)", "loses"],
  ["timestamp", "timestamptz", "loses"],
  ["timestamptz", "timestamp", "loses"],
  ["timestamp", "timestamp(3)", "loses"],
  ["timestamp(3)", "timestamp", "differs"],
  ["timestamp", "date", "loses"],
  ["json", "jsonb", "loses"],
  ["jsonb", "json", "differs"],
  ["jsonb", "text", "differs"],
  ["uuid", "text", "differs"],
  ["text", "uuid", "loses"],
  ["text[]", "text", "loses"],
  ["text[]", "varchar(5)[]", "loses"],
  ["integer[]", "bigint[]", "differs"],
] as const;

test("Types that hold every value of the source's only differ; others lose some", async () => {
  const columns = (side: 0 | 1) => TYPES.map((types, index) => `v${index} ${types[side]}`).join(", ");
  await runIn(db, "a", `create table t (id integer primary key, ${columns(0)})`);
  await runIn(db, "b", `create table t (id integer primary key, ${columns(1)})`);
  const found = await diff();
  expect(found.map(({ effect }, index) => [TYPES[index]?.[0], TYPES[index]?.[1], effect])).toEqual(TYPES);
  expect(found[0]?.what).toBe("integer in the target, bigint at the source");
});

test.each([
  ["integer", "integer not null", "refuses: not null in the target, null allowed at the source"],
  ["integer not null", "integer", "differs: null allowed in the target, not null at the source"],
  ["integer default 1", "integer default 2", "differs: default 2 in the target, 1 at the source"],
  [
    "integer",
    "integer generated always as (1) stored",
    "loses: generated in the target: the source's values are not stored",
  ],
  ["integer generated always as (1) stored", "integer", "differs: generated at the source only"],
  [
    "integer generated always as (1) stored",
    "integer generated always as (2) stored",
    "loses: generated as (2), at the source as (1)",
  ],
  ['text collate "C"', "text", 'differs: collation as usual in the target, "C" at the source'],
  ["integer", "integer, extra integer", "differs: in the target only: filled with its default"],
  ["integer", "integer, extra integer not null", "loses: in the target only, not null and without a default"],
  ["integer, extra integer", "integer", "loses: the target has no such column"],
  ["integer", "integer check (v > 0)", "refuses: check constraint t_v_check (CHECK ((v > 0))) is in the target only"],
  ["integer unique", "integer", "differs: unique constraint t_v_key (UNIQUE (v)) is missing in the target"],
])("A column that is %s in one that is %s", async (ours, theirs, what) => {
  expect(await columnOf(ours, theirs)).toEqual([what]);
});

test("An enum that lacks a label loses rows; one with more does not", async () => {
  for (const [schema, labels] of [
    ["a", "'x', 'y'"],
    ["b", "'x'"],
    ["c", "'y', 'x', 'z'"],
  ] as const)
    await runIn(db, schema, `create type mood as enum (${labels}); create table t (id integer primary key, v mood[])`);
  expect(await diff()).toEqual([{ table: "t", column: "v", effect: "loses", what: "enum mood lacks 'y'" }]);
  await db.query("drop schema b cascade; alter schema c rename to b");
  expect((await diff()).map(({ effect }) => effect)).toEqual(["differs"]);
});

test("A domain's values are compared as what it is over", async () => {
  const domain = "create domain short as varchar(5) default 'x' not null constraint c check (value <> '')";
  await runIn(db, "a", `${domain}; create table t (id integer primary key, v short, w text, x short[], y varchar(5))`);
  await runIn(
    db,
    "b",
    `${domain}; create table t (id integer primary key, v varchar(5), w short, x varchar(4)[], y short)`,
  );
  expect((await diff()).map(({ column, effect }) => [column, effect])).toEqual([
    ["v", "differs"],
    ["w", "loses"],
    ["x", "loses"],
    ["y", "refuses"],
  ]);
});

test("A key that nothing keeps unique in the target is told; a unique index does", async () => {
  await runIn(db, "a", 'create table t (a integer, "B" text, primary key (a, "B"))');
  await runIn(db, "b", 'create table t (a integer not null, "B" text not null)');
  expect(await diff()).toContainEqual({
    table: "t",
    column: null,
    effect: "loses",
    what: "nothing in the target keeps the source's key (a, B) unique",
  });
  await runIn(db, "b", 'create unique index on t ("B", a)');
  expect((await diff()).filter(({ effect }) => effect === "loses")).toEqual([]);
});

test("Indexes and triggers of one side are told, whatever they are called", async () => {
  await runIn(
    db,
    "a",
    "create table t (id integer primary key, v integer); create index one on t (v); create index two on t (id)",
  );
  await runIn(
    db,
    "b",
    "create table t (id integer primary key, v integer); create index other on t (v); create unique index u on t (v)",
  );
  expect((await diff()).map(({ effect, what }) => `${effect}: ${what}`)).toEqual([
    "differs: index two is missing in the target",
    "refuses: unique index u is in the target only",
  ]);
});

test("A source that shows only a part of its schema is not taken at its word for the rest", async () => {
  await runIn(db, "a", "create table t (id integer primary key, v integer, n numeric, w text)");
  await runIn(
    db,
    "b",
    "create table t (id integer primary key, v smallint default 1 unique, n numeric(10, 2), w uuid, hidden text)",
  );
  expect((await diff({ complete: false })).map(({ column, effect, what }) => `${column} ${effect}: ${what}`)).toEqual([
    "w loses: uuid in the target, text at the source",
    "hidden differs: in the target only, as far as the source shows: filled with its default",
  ]);
});
