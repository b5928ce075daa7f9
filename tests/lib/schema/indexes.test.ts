import { expect, test } from "@jest/globals";
import { indexState, indexStatements } from "../../../scripts/lib/schema/indexes.ts";
import { useDatabase } from "../../helpers/database.ts";

const db = useDatabase({ empty: true });

test.each([
  [
    'create index if not exists "Message_role_idx" on "Message" (role);',
    "Message_role_idx",
    '"Message"',
    'create index concurrently if not exists "Message_role_idx" on "Message" (role)',
  ],
  [
    "CREATE UNIQUE INDEX IF NOT EXISTS Some_idx\n    ON crm.people (lower(name), ((metadata ->> 'a;b'))) WHERE name <> ';';",
    "some_idx",
    "crm.people",
    "create UNIQUE index concurrently if not exists Some_idx on crm.people (lower(name), ((metadata ->> 'a;b'))) WHERE name <> ';'",
  ],
  [
    "create index if not exists a on only b using gin (to_tsvector('english', coalesce(content, '')));",
    "a",
    "b",
    "create index concurrently if not exists a on b using gin (to_tsvector('english', coalesce(content, '')))",
  ],
  [
    'create index if not exists "say ""hi""" on t using hash (x);',
    'say "hi"',
    "t",
    'create index concurrently if not exists "say ""hi""" on t using hash (x)',
  ],
])("An index that a file makes if it is missing can be built concurrently: %s", (sql, name, table, concurrently) => {
  expect(indexStatements(`-- first\nselect 1;\n${sql}\nselect 2;`)).toEqual([{ name, table, concurrently }]);
});

test.each([
  "create index a on b (c);",
  "-- create index if not exists a on b (c);",
  "select 'create index if not exists';",
])("Other statements are left to the file: %s", (sql) => {
  expect(indexStatements(sql)).toEqual([]);
});

test("An index is missing, valid or invalid", async () => {
  const [statement] = indexStatements("create unique index if not exists people_name on people (name);");
  if (statement === undefined) throw new Error("unreachable");
  const states = [await indexState(db, statement)];
  await db.query("create table people (name text)");
  states.push(await indexState(db, statement));
  await db.query("insert into people values ('a'), ('a')");
  await expect(db.query(statement.concurrently)).rejects.toThrow("could not create unique index");
  states.push(await indexState(db, statement));
  await db.query("drop index people_name; truncate people");
  await db.query(statement.concurrently);
  states.push(await indexState(db, statement));
  expect(states).toEqual(["missing", "missing", "invalid", "valid"]);
});
