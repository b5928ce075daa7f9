import { expect, test } from "@jest/globals";
import { withDatabase } from "../../../scripts/lib/db/database.ts";
import { inTransaction } from "../../../scripts/lib/db/transaction.ts";
import { readCatalog } from "../../../scripts/lib/move/catalog.ts";
import type { Catalog } from "../../../scripts/lib/move/catalog-types.ts";
import { makeSchema } from "../../../scripts/lib/move/ddl/make.ts";
import { createStatements, type DdlOptions } from "../../../scripts/lib/move/ddl.ts";
import { useDatabase } from "../../helpers/database.ts";
import { makeOdd, makePreserved, makeSalon, runIn } from "../../helpers/salon.ts";

const db = useDatabase({ empty: true });

/** Everything that does not depend on rows, on the schema's name, or is left behind by design. */
const shapeOf = ({ schema, tables, types, sequences, functions }: Catalog) => ({
  tables: tables.map(({ bytes: _, estimatedRows: __, rowSecurity: ___, policies: ____, constraints, ...table }) => ({
    ...table,
    constraints: constraints.map(({ references, ...constraint }) => ({
      ...constraint,
      parent: references && { ...references, schema: references.schema === schema },
    })),
  })),
  types,
  sequences: sequences.map(({ last: _, ...sequence }) => sequence),
  functions,
});

const move = (from: string, to: string, options: Partial<DdlOptions> = {}) =>
  withDatabase(db.address, {}, async (database) => {
    const source = await readCatalog(database, from);
    const target = await readCatalog(database, to);
    const made = createStatements(source, target, { tables: source.tables, functions: true, ...options });
    await inTransaction(database, {}, (tx) => makeSchema(tx, to, made));
    return { source, made, target: await readCatalog(database, to) };
  });

test.each([
  ["the salon", makeSalon],
  ["the preserved tables", makePreserved],
  ["the odd tables", makeOdd],
])("What is made of %s in a schema of another name has the same catalog", async (_, make) => {
  await make(db, "from here");
  const { source, target } = await move("from here", 'to "there"');
  expect(shapeOf(target)).toEqual(shapeOf(source));
  expect(target.tables.every(({ rowSecurity, policies }) => !rowSecurity && policies.length === 0)).toBe(true);
});

test("A second time there is nothing to make", async () => {
  await makeSalon(db, "a", { rows: false });
  await move("a", "b");
  expect((await move("a", "b")).made.statements).toEqual([]);
});

test("Of a part of the tables, only what they need is made; foreign keys that lead elsewhere are named", async () => {
  await makeOdd(db, "a", { rows: false });
  const { tables: all } = await withDatabase(db.address, {}, (database) => readCatalog(database, "a"));
  const tables = all.filter(({ name }) => ["stays", "enum_keys"].includes(name));
  const { made, target } = await move("a", "b", { tables, functions: false });
  expect(target.tables.map(({ name }) => name)).toEqual(["enum_keys", "stays"]);
  expect(target.types.map(({ name }) => name)).toEqual(["mood"]);
  expect(target.sequences.map(({ name }) => name)).toEqual(["stays_id_seq", "ticket_number"]);
  // Which table needs it is not asked.
  expect(target.functions.map(({ name }) => name)).toEqual(["plus_tax"]);
  expect(made.leftOut).toEqual([
    "foreign key stays_three_fkey of stays: it leads to three_keys, which does not move",
    "triggers: stays_note on stays (--functions makes them)",
    "functions: keep_note (--functions makes them)",
  ]);
});

test("A function that a table can't be made without is made without being asked for", async () => {
  await makeOdd(db, "a", { rows: false });
  const { target } = await move("a", "b", { functions: false });
  expect(target.functions.map(({ name }) => name)).toEqual(["plus_tax"]);
  expect(target.tables.flatMap(({ triggers }) => triggers)).toEqual([]);
});

test("Types and functions that need each other are made in an order that works", async () => {
  await runIn(
    db,
    "a",
    `create domain base as integer;
     create function is_even(value base) returns boolean language sql immutable as 'select value % 2 = 0';
     create domain even as integer check (is_even(value));
     create function half(value even) returns integer language sql immutable as 'select value / 2';
     create table pairs (n even, h integer generated always as (half(n)) stored)`,
  );
  const { target, source } = await move("a", "b", { functions: false });
  expect(shapeOf(target)).toEqual(shapeOf(source));
});

test("A foreign key to another schema is left out and named", async () => {
  await runIn(db, "auth", "create table users (id integer primary key)");
  await runIn(db, "a", "create table people (id integer primary key references auth.users (id))");
  const { made } = await move("a", "b");
  expect(made.leftOut).toEqual(["foreign key people_id_fkey of people: it leads to auth.users, which does not move"]);
});

test("What the server refuses is named, and nothing is left", async () => {
  await runIn(
    db,
    "a",
    "create type mood as enum ('ok'); create table days (mood mood, constraint c check (mood = 'ok'))",
  );
  await runIn(db, "b", "create type mood as enum ('sad')");
  await expect(move("a", "b")).rejects.toThrow(
    'The constraint days.c could not be made: invalid input value for enum mood: "ok" (SQLSTATE 22P02)',
  );
  expect((await db.query("select 1 from pg_tables where schemaname = 'b'")).rows).toEqual([]);
});
