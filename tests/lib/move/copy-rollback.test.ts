/** What a copy inserted is told apart from what was there and from what somebody has changed since, and taken back. */
import { expect, test } from "@jest/globals";
import { readSql } from "../../../scripts/lib/sql-file.ts";
import { useDatabase } from "../../helpers/database.ts";
import { runInProcess } from "../../helpers/script.ts";
import { copyBatch, withSource } from "./copy/copy-batch.ts";

const source = useDatabase({ empty: true });
const target = useDatabase();

const PARTS = ["noted", "take-back"].map((name) =>
  readSql(new URL(`../../../scripts/lib/move/copy/${name}.sql`, import.meta.url)),
);

const DDL = (schema: string) => `
  create table ${schema}.people (id int primary key, best int, name text);
  create table ${schema}.pets (id int primary key, owner int not null references ${schema}.people);
  alter table ${schema}.people add constraint best foreign key (best) references ${schema}.pets;`;

async function makeTables(): Promise<void> {
  await source.query(DDL("public"));
  await target.query(`create schema moved; ${DDL("moved")}`);
  await source.query(`alter table people drop constraint best;
                      insert into people select i, nullif(i, 5), 'person ' || i from generate_series(1, 200) i;
                      insert into pets select i, i from generate_series(1, 200) i`);
}

const copy = () =>
  withSource(source.address, "public", async (from) =>
    runInProcess(await copyBatch({ source: from, address: target.address, schema: "moved", pageItems: 30 }), target),
  );

async function takeBack(): Promise<Record<string, unknown>[]> {
  await target.query(`create table kept (table_name text, row_id text, reason text)`);
  await target.query(`begin;
    create temp table backfill_run on commit drop as select id from migration_runs;
    create temp table backfill_kept (table_name text, row_id text, reason text) on commit drop;
    ${PARTS.join("\n")}
    insert into kept select * from backfill_kept;
    commit`);
  return (await target.query("select * from kept")).rows;
}

const idsOf = async (table: string) =>
  (await target.query<{ id: number }>(`select id from moved.${table} order by id`)).rows.map(({ id }) => id);

test("All that a copy inserted goes, and nothing else", async () => {
  await makeTables();
  await target.query(
    "insert into moved.people values (3, null, 'was here before'); insert into moved.people values (500, null, 'too')",
  );
  expect((await copy()).document.stats).toMatchObject({ rowsInserted: 399, rowsExisting: 1 });
  expect(await takeBack()).toEqual([]);
  expect([await idsOf("people"), await idsOf("pets")]).toEqual([[3, 500], []]);
  const deferrable = await target.query("select from pg_constraint where contype = 'f' and condeferrable");
  expect(deferrable.rowCount).toBe(0);
  expect((await copy()).document.stats).toMatchObject({ rowsInserted: 399, rowsExisting: 1 });
});

test("Rows that somebody has changed since stay, with those that they refer to", async () => {
  await makeTables();
  await copy();
  await target.query("update moved.people set name = 'changed' where id = 7; insert into moved.pets values (900, 9)");
  // Person 7 has pet 7, whose owner is 7. Pet 900 has owner 9, whose best pet is 9.
  const kept = await takeBack();
  expect(kept.map(({ table_name, reason }) => `${table_name}: ${reason}`).sort()).toEqual([
    '"moved"."people": 1 of the copied rows were changed or deleted since; those that are there stay',
    '"moved"."people": 1 rows are referred to by rows that stay',
    '"moved"."pets": 2 rows are referred to by rows that stay',
  ]);
  expect([await idsOf("people"), await idsOf("pets")]).toEqual([
    [7, 9],
    [7, 9, 900],
  ]);
});

test("Where the database was restored from a dump, nothing is taken for the copy's", async () => {
  await makeTables();
  await copy();
  await target.query("update migration_effects set action = action");
  expect((await takeBack()).length).toBeGreaterThan(0);
  expect((await idsOf("people")).length).toBe(200);
});
