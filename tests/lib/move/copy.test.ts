/** The copy, driven by the engine, between two real databases. */
import { expect, test } from "@jest/globals";
import { makeOdd, makeSalon, ODD_ROWS, SALON_ROWS } from "../../helpers/salon.ts";
import { numbersOf } from "../../helpers/script.ts";
import { SCHEMA, useCopy } from "./copy/between.ts";

const { source, target, copy, expectEqual } = useCopy();

const sum = (rows: Readonly<Record<string, number>>) => Object.values(rows).reduce((all, count) => all + count, 0);

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

test("--limit takes so many rows of each table, and the next run goes on with all of them", async () => {
  await makeSalon(source);
  await makeSalon(target, SCHEMA, { rows: false });
  const first = await copy(["--limit", "30"], { pageItems: 20 });
  const most = Object.fromEntries(Object.entries(SALON_ROWS).map(([name, rows]) => [name, Math.min(30, rows)]));
  const counted = async () => {
    const { rows } = await target.query<{ name: string; rows: number }>(
      `select name, (xpath('/row/n/text()', query_to_xml(format('select count(*) as n from ${SCHEMA}.%I', name), false, true, '')))[1]::text::int as rows
         from unnest($1::text[]) as t (name)`,
      [Object.keys(SALON_ROWS)],
    );
    return Object.fromEntries(rows.map(({ name, rows: count }) => [name, count]));
  };
  const after = await counted();
  for (const [name, rows] of Object.entries(after)) expect([name, rows <= (most[name] ?? 0)]).toEqual([name, true]);
  expect(after.companies).toBe(1);
  expect(first.document.stats.rowsInserted).toBe(Object.values(after).reduce((all, rows) => all + rows, 0));
  let runs = 1;
  for (let last = first; last.ended === "limit"; runs++) last = await copy(["--limit", "400"], { pageItems: 150 });
  expect(runs).toBeGreaterThan(3);
  await expectEqual();
});

test("What --limit has cut short in several tables is done whole by a run without it", async () => {
  await makeSalon(source);
  await makeSalon(target, SCHEMA, { rows: false });
  await copy(["--limit", "7"], { pageItems: 5 });
  const { document, ended } = await copy(["--workers", "4"], { pageItems: 50 });
  expect({ ended, errors: document.errors }).toEqual({ ended: "end", errors: [] });
  await expectEqual();
});
