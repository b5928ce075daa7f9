/** The copy of tables that hardly anybody makes, and that a statement is easily wrong about. */
import { expect, test } from "@jest/globals";
import { SCHEMA, useCopy } from "./copy/between.ts";

const { source, target, copy, expectEqual } = useCopy();

test("A table that nothing is in needs no columns, and one that fills its own columns no values", async () => {
  await source.query(`create table none (); insert into none select from generate_series(1, 5);
                      create table own (n int generated always as (7) stored); insert into own select from generate_series(1, 3)`);
  await target.query(`create schema ${SCHEMA}; create table ${SCHEMA}.none (); insert into ${SCHEMA}.none select from generate_series(1, 2);
                      create table ${SCHEMA}.own (n int generated always as (7) stored)`);
  expect((await copy()).document.stats).toMatchObject({ rowsRead: 8, rowsInserted: 6, rowsExisting: 2, errors: 0 });
  await expectEqual();
});

test("A table without a key may call its columns what our statements call theirs", async () => {
  const columns = "t text, r int, number int, whole text, there int, place text, ctids text";
  await source.query(`create table t (${columns});
                      insert into t select 'a' || i % 3, i % 2, 1, 'w', 2 from generate_series(1, 12) i; insert into t values (null), ('')`);
  await target.query(
    `create schema ${SCHEMA}; create table ${SCHEMA}.t (${columns}); insert into ${SCHEMA}.t values ('a1', 1, 1, 'w', 2), (null, null, null, null, null)`,
  );
  expect((await copy()).document.stats).toMatchObject({ rowsInserted: 12, rowsExisting: 2, errors: 0 });
  await expectEqual();
});

test("A deferrable primary key lets a copy find what is there", async () => {
  await source.query("create table t (id int primary key); insert into t select generate_series(1, 50)");
  await target.query(`create schema ${SCHEMA};
                      create table ${SCHEMA}.t (id int primary key deferrable initially deferred);
                      insert into ${SCHEMA}.t values (7)`);
  expect((await copy()).document.stats).toMatchObject({ rowsInserted: 49, rowsExisting: 1, errors: 0 });
  await expectEqual();
});

test("A target that has no key and another order of texts gets no row twice", async () => {
  await source.query(
    `create table t (id text collate "C" primary key); insert into t values ('A'), ('B'), ('a'), ('b')`,
  );
  await target.query(
    `create schema ${SCHEMA}; create table ${SCHEMA}.t (id text collate "und-x-icu"); insert into ${SCHEMA}.t values ('B')`,
  );
  expect((await copy([], { pageItems: 3 })).document.stats).toMatchObject({ rowsInserted: 3, rowsExisting: 1 });
  await expectEqual();
});
