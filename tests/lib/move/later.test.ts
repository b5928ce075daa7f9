/** What waits for the rows: made behind them, however the copy came to its end. */
import { expect, test } from "@jest/globals";
import { withDatabase } from "../../../scripts/lib/db/database.ts";
import { inTransaction } from "../../../scripts/lib/db/transaction.ts";
import { readCatalog } from "../../../scripts/lib/move/catalog.ts";
import { divideStatements } from "../../../scripts/lib/move/later.ts";
import { applySchema, linesOfSchema, planSchema } from "../../../scripts/lib/move/schema.ts";
import type { TestDatabase } from "../../helpers/database.ts";
import { makeOdd, makeSalon } from "../../helpers/salon.ts";
import { startFile } from "../../helpers/script.ts";
import { SCHEMA, useCopy } from "./copy/between.ts";

const { source, target, copy, expectEqual } = useCopy();

/** Makes the source's tables in the target, as a run does that goes on with the copy. */
async function makeTables(tables?: readonly string[]): Promise<string[]> {
  const from = await catalogOf(source, "public");
  return withDatabase(target.address, {}, async (db) => {
    const selection = {
      tables: from.tables.filter(({ name }) => tables?.includes(name) ?? true),
      preserved: [],
    };
    const to = await readCatalog(db, SCHEMA);
    const plan = await planSchema(db, from, to, { selection, functions: true, rowsFollow: true, copies: "copies" });
    await inTransaction(db, {}, (tx) => applySchema(tx, plan, 1));
    return linesOfSchema(plan);
  });
}

const catalogOf = ({ address }: TestDatabase, schema: string) =>
  withDatabase(address, {}, (db) => readCatalog(db, schema));

/** What waits, of a schema: indexes, foreign keys, triggers, and the comments on them. */
async function partsOf(db: TestDatabase, schema: string): Promise<string[]> {
  const { tables } = await catalogOf(db, schema);
  return tables.flatMap(({ name, indexes, constraints, triggers }) => [
    ...indexes.map((index) => `${name}: ${index.definition} ${index.comment ?? ""}`),
    ...constraints
      .filter(({ kind }) => kind === "foreign")
      .map((key) => `${name}: ${key.name} ${key.definition} ${key.comment ?? ""}`),
    ...triggers.map(({ definition }) => `${name}: ${definition}`),
  ]);
}

const waiting = async (): Promise<string[]> => {
  const { rows } = await target.query<{ row_id: string }>(
    "select row_id from migration_effects where action = 'make later' order by id",
  );
  return rows.map(({ row_id }) => row_id);
};

test.each([
  ["the salon", makeSalon, []],
  ["the odd tables", makeOdd, ["--workers", "4"]],
])("Of %s, indexes, foreign keys and triggers are made behind the rows", async (_, make, argv) => {
  await make(source);
  await source.query(`comment on index ${(await anIndex()).name} is 'behind ''all'''`);
  await makeTables();
  expect((await partsOf(target, SCHEMA)).filter((part) => !part.includes("CREATE UNIQUE INDEX"))).toEqual([]);
  const before = await target.snapshot();
  await copy(["--dry-run"]);
  expect(await target.snapshot()).toEqual(before);
  expect(await copy(argv, { pageItems: 50 })).toMatchObject({ exitCode: 0, document: { errors: [] } });
  expect(await partsOf(target, SCHEMA)).toEqual(await partsOf(source, "public"));
  expect(await waiting()).toEqual([]);
  await expectEqual();
});

const anIndex = async (): Promise<{ name: string }> => {
  const { tables } = await catalogOf(source, "public");
  const [first] = tables.flatMap(({ indexes }) => indexes);
  if (first === undefined) throw new Error("The source has no index.");
  return { name: `"${first.name}"` };
};

test("The schema step says what it makes now and what behind the rows", async () => {
  await source.query(
    "create table t (id int primary key, n int unique); create index t_n on t (n desc); create unique index t_u on t (n, id)",
  );
  expect(await makeTables()).toEqual([
    "makes 1 tables: t",
    "makes 2 constraints: t.t_pkey, t.t_n_key",
    "makes 1 indexes: t.t_u",
    "makes, once the rows are there, 1 indexes: t.t_n",
  ]);
});

const FAMILY = `
  create table parent (id int primary key, name text);
  create table child (id int primary key, parent int references parent, boss int references child);
  create index child_parent on child (parent); create index child_boss on child (boss); create index parent_name on parent (name);
  insert into parent select i, 'p' || i from generate_series(1, 100) i;
  insert into child select i, 1 + i % 100, nullif(i, 200) + 1 from generate_series(1, 200) i`;

test("A foreign key with orphans is told with their number, stays noted, and is made by the next copy that can", async () => {
  await source.query(`${FAMILY}; comment on constraint child_parent_fkey on child is 'who'`);
  await target.query(
    `create schema ${SCHEMA}; create table ${SCHEMA}.parent (id int primary key, name text);
     insert into ${SCHEMA}.parent select i, 'p' || i from generate_series(1, 98) i`,
  );
  await makeTables(["child"]);
  const { exitCode, document } = await copy([], { tables: ["child"] });
  expect({ exitCode, status: document.status, problems: document.problems }).toEqual({
    exitCode: 1,
    status: "completed_with_errors",
    problems: [
      {
        key: "foreign key child.child_parent_fkey",
        code: "23503",
        message: expect.stringMatching(/^It could not be made: .*; 4 rows refer to what is not there: \((99|100)\); /),
      },
      { key: "comment child.child_parent_fkey", code: "42704", message: expect.stringContaining("could not be made") },
    ],
  });
  expect(document.stats.rowsInserted).toBe(200);
  const key = "child.child_parent_fkey";
  expect(await waiting()).toEqual([`foreign key ${key}`, `comment ${key}`]);
  await target.query(`insert into ${SCHEMA}.parent values (99, 'p99'), (100, 'p100')`);
  expect((await copy([], { tables: ["child"] })).exitCode).toBe(0);
  expect(await waiting()).toEqual([]);
  expect(await partsOf(target, SCHEMA)).toEqual(
    (await partsOf(source, "public")).filter((part) => part.startsWith("child")),
  );
});

test("What the server can't make fails the run, which then goes on with it", async () => {
  await source.query(`${FAMILY}; create function dull(text) returns text immutable language sql as 'select lower($1)';
                      create index parent_dull on parent (dull(name))`);
  await makeTables();
  await target.query(`alter function ${SCHEMA}.dull rename to sharp`);
  const { exitCode, document } = await copy();
  expect({ exitCode, status: document.status }).toEqual({ exitCode: 1, status: "failed" });
  expect(document.message).toMatch(
    /^The index parent\.parent_dull could not be made: function dull\(text\) does not exist/,
  );
  await target.query(`alter function ${SCHEMA}.sharp rename to dull`);
  expect(await copy()).toMatchObject({ exitCode: 0, document: { stats: { rowsInserted: 0 } } });
  expect(await partsOf(target, SCHEMA)).toEqual(await partsOf(source, "public"));
});

test("What is made gets memory, and a server's superuser sends away whom it would wait for", async () => {
  await source.query(`${FAMILY}; create function tells(text) returns text immutable language sql as 'select $1';
                      create index parent_tells on parent (tells(name))`);
  await makeTables();
  await target.query(`create or replace function ${SCHEMA}.tells(text) returns text immutable language plpgsql as $$
    begin raise '% and %', current_setting('maintenance_work_mem'), current_setting('deadlock_timeout'); end $$`);
  const { document } = await copy();
  expect(document.problems).toMatchObject([
    { key: "index parent.parent_tells", message: expect.stringContaining("256MB and 20ms") },
  ]);
});

test("What the source has no more is not made; a source that does not show it leaves it waiting, and says so", async () => {
  await source.query(FAMILY);
  await makeTables();
  await source.query("drop index child_boss");
  const blind = { ...(await catalogOf(source, "public")), complete: false };
  const { tables } = blind;
  const known = tables.map((table) => ({ ...table, indexes: [], constraints: table.constraints.slice(0, 1) }));
  const partly = await copy([], { catalog: { ...blind, tables: known } });
  expect({ exitCode: partly.exitCode, first: partly.document.problems?.[0] }).toMatchObject({
    exitCode: 1,
    first: { code: "waits", message: expect.stringContaining("copy from SOURCE_DATABASE_URL again") },
  });
  expect(await waiting()).toHaveLength(5);
  expect((await copy()).exitCode).toBe(0);
  expect(await partsOf(target, SCHEMA)).toEqual(await partsOf(source, "public"));
  expect(await waiting()).toEqual([]);
});

test("What somebody made meanwhile is left as it is; what belongs to other tables goes on waiting", async () => {
  await source.query(`${FAMILY}; create table other (id int primary key, n int); create index on other (n)`);
  await makeTables();
  await target.query(`create index child_boss on ${SCHEMA}.child (boss, id)`);
  await target.query(
    `alter table ${SCHEMA}.child add constraint child_boss_fkey foreign key (boss) references ${SCHEMA}.child`,
  );
  expect((await copy([], { tables: ["child", "parent"] })).exitCode).toBe(0);
  expect(await waiting()).toEqual(["index other.other_n_idx"]);
  expect(await partsOf(target, SCHEMA)).toContain(`child: CREATE INDEX child_boss ON child USING btree (boss, id) `);
});

test("Tables that are made anew forget what the earlier ones waited for", async () => {
  await source.query(FAMILY);
  await makeTables();
  const first = await waiting();
  await target.query(`drop schema ${SCHEMA} cascade`);
  await makeTables();
  expect(await waiting()).toEqual(first);
});

/** Three pages of rows, three indexes, two foreign keys, the end; two levels, what was put off, indexes, the rest, the end. */
test.each([
  ["page-stored:4", []],
  ["page-saved:5", []],
  ["page-committed:6", []],
  ["page-committed:7", []],
  ["page-stored:8", []],
  ["page-committed:8", []],
  ["stage-ended:4", []],
  ["stage-ended:5", []],
  ["stage-ended:6", []],
  ["share:1", ["--workers", "2"]],
  ["page-committed:5", ["--workers", "2"]],
])("A copy that is killed at %s makes what is left of it: %j", async (fault, argv) => {
  await source.query(FAMILY);
  await makeTables();
  const run = (at: string) =>
    startFile("tests/lib/move/copy/run-copy.ts", [source.url, target.url, "100", ...argv], {
      env: { CRM_MIGRATIONS_FAULT: at },
    }).ended;
  expect((await run(fault)).exitCode).toBe(137);
  const { stderr, exitCode, json } = await run("");
  expect({ stderr, exitCode, existing: json.stats.rowsExisting }).toMatchObject({ exitCode: 0, existing: 0 });
  expect(await partsOf(target, SCHEMA)).toEqual(await partsOf(source, "public"));
  expect(await waiting()).toEqual([]);
  await expectEqual();
});

test("A comment on a column that is called like an index waits with it, others don't", () => {
  const comment = (name: string) => ({ kind: "comment", name, sql: `comment on … ${name}` }) as const;
  const index = { kind: "index", name: "t.n", table: "t", sql: "create index n on t (n)" } as const;
  const { now, later } = divideStatements([comment("t"), index, comment("t.n"), comment("t.m")]);
  expect(now.map(({ name }) => name)).toEqual(["t", "t.m"]);
  expect(later).toMatchObject([index, { kind: "comment", name: "t.n", table: "t" }]);
});
