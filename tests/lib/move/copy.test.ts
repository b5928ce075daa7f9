/** The copy, driven by the engine, between two real databases. */
import { expect, test } from "@jest/globals";
import { type TestDatabase, useDatabase } from "../../helpers/database.ts";
import { makeOdd, makeSalon, ODD_ROWS, SALON_ROWS } from "../../helpers/salon.ts";
import { numbersOf, runInProcess } from "../../helpers/script.ts";
import { copyBatch, type Route, withSource } from "./copy/copy-batch.ts";

const source = useDatabase({ empty: true });
const target = useDatabase();

const SCHEMA = "moved";
const sum = (rows: Readonly<Record<string, number>>) => Object.values(rows).reduce((all, count) => all + count, 0);

const copy = (argv: readonly string[] = [], route: Partial<Route> = {}) =>
  withSource(source.address, "public", async (from) =>
    runInProcess(await copyBatch({ source: from, address: target.address, schema: SCHEMA, ...route }), target, argv),
  );

/** Each table's rows as text, sorted. */
async function rowsOf(db: TestDatabase, schema: string): Promise<Record<string, string[]>> {
  const { rows: tables } = await db.query<{ name: string }>(
    `select c.relname as name
       from pg_class c
      where c.relnamespace = $1::regnamespace and c.relkind in ('r', 'p') and not c.relispartition`,
    [schema],
  );
  const texts: Record<string, string[]> = {};
  for (const { name } of tables) {
    const { rows } = await db.query<{ row: string }>(
      `select t::text as row from "${schema}"."${name.replaceAll('"', '""')}" t order by 1`,
    );
    texts[name] = rows.map(({ row }) => row);
  }
  return texts;
}

async function expectEqual(): Promise<void> {
  expect(await rowsOf(target, SCHEMA)).toEqual(await rowsOf(source, "public"));
}

test.each([[[]], [["--workers", "4"]]])("A salon is copied whole: %j", async (argv) => {
  await makeSalon(source);
  await makeSalon(target, SCHEMA, { rows: false });
  const { document, exitCode } = await copy(argv, { pageItems: 100 });
  expect({ exitCode, ...document.stats }).toMatchObject({ exitCode: 0, rowsInserted: sum(SALON_ROWS), errors: 0 });
  await expectEqual();
});

test("Every odd type, name and key arrives as it was", async () => {
  await makeOdd(source);
  await makeOdd(target, SCHEMA, { rows: false });
  const { document, exitCode, output } = await copy([], { pageItems: 7 });
  expect({ output, exitCode, errors: document.errors }).toMatchObject({ exitCode: 0, errors: [] });
  expect(document.stats.rowsInserted).toBe(sum(ODD_ROWS));
  await expectEqual();
});

test("A second copy finds everything there and changes nothing", async () => {
  await makeOdd(source);
  await makeOdd(target, SCHEMA, { rows: false });
  await copy();
  const before = await target.query(`select id, xmin::text from ${SCHEMA}.uuid_keys order by id`);
  const { document } = await copy();
  expect(document.stats).toMatchObject({ rowsInserted: 0, rowsExisting: sum(ODD_ROWS) });
  expect(
    await target.query(`select id, xmin::text from ${SCHEMA}.uuid_keys order by id`).then(({ rows }) => rows),
  ).toEqual(before.rows);
});

test("A target that holds some of the rows gets the others", async () => {
  await makeOdd(source);
  await makeOdd(target, SCHEMA, { rows: false });
  await copy();
  await target.query(`delete from ${SCHEMA}.uuid_keys where id::text < '8'`);
  await target.query(`delete from ${SCHEMA}.text_keys where length(code) % 2 = 0`);
  await target.query(`delete from ${SCHEMA}.no_key where ctid = (select min(ctid) from ${SCHEMA}.no_key)`);
  const foreseen = await copy(["--dry-run"], { pageItems: 50 });
  const done = await copy([], { pageItems: 50 });
  expect(done.document.stats.rowsInserted).toBeGreaterThan(200);
  expect(numbersOf(foreseen)).toEqual(numbersOf(done));
  await expectEqual();
});

test("A dry run foretells the copy into empty tables, and writes nothing", async () => {
  await makeSalon(source);
  await makeSalon(target, SCHEMA, { rows: false });
  const before = await target.snapshot();
  const foreseen = await copy(["--dry-run"]);
  expect(await target.snapshot()).toEqual(before);
  expect(numbersOf(foreseen)).toEqual(numbersOf(await copy()));
});

test("A row that the target refuses goes to quarantine, and is copied once the target takes it", async () => {
  await source.query(
    "create table t (id int primary key, n int); insert into t select i, i from generate_series(1, 500) i",
  );
  await target.query(`create schema ${SCHEMA}; create table ${SCHEMA}.t (id int primary key, n int check (n <> 333))`);
  const { document, exitCode } = await copy();
  expect(exitCode).toBe(1);
  expect(document.errors).toMatchObject([{ key: '["t","333"]', code: "23514" }]);
  expect(document.stats).toMatchObject({ rowsInserted: 499, errors: 1 });
  expect((await copy()).document.stats).toMatchObject({ rowsInserted: 0, rowsExisting: 499, errors: 1 });
  await target.query(`alter table ${SCHEMA}.t drop constraint t_n_check`);
  expect((await copy(["--retry-errors"])).document.stats).toMatchObject({ rowsInserted: 1, errors: 0 });
  await expectEqual();
});

test("A row that another one's unique value keeps out is in quarantine, and not taken for copied", async () => {
  await source.query(
    "create table t (id int primary key, code text); insert into t values (1, 'a'), (2, 'b'), (3, 'c')",
  );
  await target.query(`create schema ${SCHEMA}; create table ${SCHEMA}.t (id int primary key, code text unique)`);
  await target.query(`insert into ${SCHEMA}.t values (9, 'b')`);
  const { document } = await copy();
  expect(document.errors).toMatchObject([{ key: '["t","2"]', code: "23505" }]);
  expect(document.stats).toMatchObject({ rowsInserted: 2, errors: 1 });
});

test("Children that come before their parents are copied in the end; those without one are refused", async () => {
  const schema = (name: string) => `
    create table ${name}.people (id int primary key, boss int references ${name}.people);
    create table ${name}.a (id int primary key, b int);
    create table ${name}.b (id int primary key, a int not null references ${name}.a);
    alter table ${name}.a add constraint a_b foreign key (b) references ${name}.b;`;
  await source.query(schema("public"));
  await target.query(`create schema ${SCHEMA}; ${schema(SCHEMA)}`);
  await source.query("insert into people select i, case when i < 60 then i + 1 end from generate_series(1, 60) i");
  // Pairs that need each other; and one row that needs a parent which is not there, with another one behind it.
  await source.query(`alter table a drop constraint a_b;
                      insert into a select i, i from generate_series(1, 30) i;
                      insert into b select i, 31 - i from generate_series(1, 30) i where i <> 8`);
  const { document, exitCode } = await copy([], { pageItems: 7 });
  expect({ exitCode, errors: document.errors.map(({ key, code }) => `${key} ${code}`).sort() }).toEqual({
    exitCode: 1,
    errors: ['["a","23"] 23503', '["a","8"] 23503', '["b","23"] 23503'],
  });
  const counts = `select (select count(*)::int from ${SCHEMA}.people) as people, (select count(*)::int from ${SCHEMA}.a) as a,
                         (select count(*)::int from ${SCHEMA}.b) as b`;
  expect((await target.query(counts)).rows).toEqual([{ people: 60, a: 28, b: 28 }]);
  expect((await target.query("select from migration_effects where action = 'put off'")).rowCount).toBe(0);
  expect((await target.query("select from pg_constraint where contype = 'f' and condeferrable")).rowCount).toBe(0);
});

test("Sequences stand behind the rows, and where the source's stood", async () => {
  const ddl = (name: string) => `
    create table ${name}.s (id serial primary key);
    create table ${name}.i (id int generated always as identity primary key, n int);
    create sequence ${name}.down increment by -1;
    create table ${name}.d (id int primary key default nextval('${name}.down'));`;
  await source.query(ddl("public"));
  await target.query(`create schema ${SCHEMA}; ${ddl(SCHEMA)}`);
  await source.query(`insert into s select from generate_series(1, 20); delete from s where id > 15;
                      insert into i overriding system value values (7, 1);
                      insert into d values (-50)`);
  expect((await copy()).exitCode).toBe(0);
  const next = async (sql: string) => (await target.query<{ id: number }>(sql)).rows[0]?.id;
  expect(await next(`insert into ${SCHEMA}.s default values returning id`)).toBe(21);
  expect(await next(`insert into ${SCHEMA}.i (n) values (1) returning id`)).toBe(8);
  expect(await next(`insert into ${SCHEMA}.d default values returning id`)).toBe(-51);
});

test("A trigger of the target changes nothing of what arrives, and is at work afterwards", async () => {
  const ddl = (schema: string) => `create table ${schema}.t (id int primary key, word text)`;
  await source.query(`${ddl("public")}; insert into t select i, 'as it was' from generate_series(1, 300) i`);
  await target.query(`create schema ${SCHEMA}; ${ddl(SCHEMA)};
    create function shout() returns trigger language plpgsql as 'begin new.word := upper(new.word); return new; end';
    create trigger shout before insert on ${SCHEMA}.t for each row execute function shout()`);
  expect((await copy(["--workers", "3"], { pageItems: 40 })).exitCode).toBe(0);
  await expectEqual();
  const { rows } = await target.query(`insert into ${SCHEMA}.t values (301, 'a word') returning word`);
  expect(rows).toEqual([{ word: "A WORD" }]);
});

test("A dry run counts what would go into tables that are not there yet", async () => {
  await makeOdd(source);
  const { document, exitCode } = await copy(["--dry-run"], { dryRun: true, pageItems: 30 });
  expect({ exitCode, ...document.stats }).toMatchObject({ exitCode: 0, rowsInserted: sum(ODD_ROWS) });
  await expect(copy()).rejects.toThrow("There is no table");
});

test("A target without a column of the source is refused before anything is copied", async () => {
  await source.query("create table t (id int primary key, kept int, lost int)");
  await target.query(
    `create schema ${SCHEMA}; create table ${SCHEMA}.t (id int primary key, kept int, own int default 7)`,
  );
  await expect(copy()).rejects.toThrow("no column lost");
});
