import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { type FileSchema, readSchemaFile, runSchemaFile } from "../../../scripts/lib/move/schema-file.ts";
import { useDatabase } from "../../helpers/database.ts";

const db = useDatabase();
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "schema-file-"));
});
afterEach(() => rm(folder, { recursive: true }));

async function run(sql: string, options: Partial<FileSchema> = {}): Promise<string[]> {
  const path = join(folder, "schema.sql");
  await writeFile(path, sql);
  await runSchemaFile(db.address, path, await readSchemaFile(path), {
    runId: 7,
    schema: "salon",
    copies: "kept",
    tables: [],
    ...options,
  });
  return tablesThere();
}

const tablesThere = async (): Promise<string[]> =>
  (
    await db.query<{ name: string }>(
      `select schemaname || '.' || tablename as name
         from pg_tables
        where schemaname not in ('pg_catalog', 'information_schema')
          and (schemaname <> 'public' or tablename in ('a', 'b'))
        order by 1`,
    )
  ).rows.map(({ name }) => name);

test("Tables without a schema's name are made in the target's, also by a dump with its settings and psql's commands", async () => {
  const sql = `\\restrict abc
set statement_timeout = 0;
create table a (id integer primary key);
create function f() returns integer language plpgsql as $$ begin return 1; end $$;
create function g() returns integer begin atomic select 1; end;
\\unrestrict abc
`;
  expect(await run(sql, { tables: ["a"] })).toEqual(["salon.a"]);
});

test("What the file makes is noted, in the order in which it is made; what was there, and the copies, are not", async () => {
  await db.query("create schema salon; create table salon.kept (id integer)");
  await run(
    `create type mood as enum ('sad'); create domain positive as integer; create type span as range (subtype = time);
     create sequence odd; create function f(mood, integer) returns integer language sql as 'select 1';
     create table b (id serial primary key, mood mood); create view v as select * from b;
     create procedure "P" () language sql as 'select 1'; alter table kept add note text`,
    { drops: { tables: [], types: [], copied: ["kept"] }, copies: "copies of 7" },
  );
  const { rows } = await db.query<{ name: string }>(
    "select row_id as name from migration_effects where run_id = 7 and action = 'make' and table_name = 'salon' order by id",
  );
  expect(rows.map(({ name }) => name)).toEqual([
    "type salon.mood",
    "type salon.positive",
    "type salon.span",
    "sequence salon.odd",
    "function salon.f(salon.mood,integer)",
    "table salon.b",
    "view salon.v",
    'procedure salon."P"()',
  ]);
});

test("What is dropped, what is copied and what the file makes is one transaction", async () => {
  await db.query("create schema salon; create table salon.a (old integer); create table salon.p as select 7 as n");
  const drops = { tables: ["a"], types: [], copied: ["p"] };
  await expect(run("create table a (id integer);\ncreate table b (id nonsense)", { drops })).rejects.toThrow(
    /schema\.sql:2: type "nonsense" does not exist \(SQLSTATE 42704\)$/,
  );
  expect(await tablesThere()).toEqual(["salon.a", "salon.p"]);
  expect(await run("create table a (id integer)", { drops })).toEqual(["kept.p", "salon.a", "salon.p"]);
  expect((await db.query("select n from kept.p")).rows).toEqual([{ n: 7 }]);
});

test("A file that makes its tables elsewhere changes nothing", async () => {
  const sql = "select set_config('search_path', '', false);\ncreate table public.a (id integer);";
  await expect(run(sql, { tables: ["a"] })).rejects.toThrow(/made no a in schema salon: nothing was changed/);
  expect(await tablesThere()).toEqual([]);
});

test("A dump that makes its schema and names it is taken as it is", async () => {
  const sql =
    "select pg_catalog.set_config('search_path', '', false);\ncreate schema salon;\ncreate table salon.a (id integer);";
  expect(await run(sql, { tables: ["a"] })).toEqual(["salon.a"]);
});

test.each(["begin", "COMMIT", "rollback", "start transaction"])(
  "A file with %s is refused before anything is done",
  async (word) => {
    await expect(run(`create table a ();\n${word};\ncreate table b ();`)).rejects.toThrow(
      `take "${word.split(" ")[0]}" out of ${join(folder, "schema.sql")}`,
    );
    expect(await tablesThere()).toEqual([]);
  },
);

test("A file that can't be read is named", async () => {
  await expect(readSchemaFile("/nowhere/schema.sql")).rejects.toThrow("--schema-file: can't read /nowhere/schema.sql.");
});
