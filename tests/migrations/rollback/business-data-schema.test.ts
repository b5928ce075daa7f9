/** Batch 10 is taken back: what its schema step made is dropped, unless somebody uses it. */
import { expect, test } from "@jest/globals";
import { withDatabase } from "../../../scripts/lib/db/database.ts";
import { inTransaction } from "../../../scripts/lib/db/transaction.ts";
import { readCatalog } from "../../../scripts/lib/move/catalog.ts";
import { noteMade } from "../../../scripts/lib/move/made.ts";
import { applySchema, planSchema } from "../../../scripts/lib/move/schema.ts";
import { selectTables } from "../../../scripts/lib/move/selection.ts";
import { makeOdd, makeSalon, runIn } from "../../helpers/salon.ts";
import { SCHEMA, useMoving } from "./business-data.ts";
import { psql, testWithPsql } from "./psql.ts";
import { fileOf, keptOf, rollBack } from "./rollback.ts";

const { source, target, copy, sync, everything } = useMoving();

/** The schema step; answers with its run. `meanwhile` is done by somebody else before it commits. */
async function makeSchema({
  dropExisting = false,
  preserve = [] as string[],
  meanwhile = async () => {},
} = {}): Promise<number> {
  const { rows } = await target.query<{ id: string }>(
    `insert into migration_runs (batch, script, mode, status, host, pid)
     values (10, 'migrate-business-data', 'write', 'completed', 'here', 1)
  returning id`,
  );
  const runId = Number(rows[0]?.id);
  const copies = `kept_run_${runId}`;
  const from = await withDatabase(source.address, { readOnly: true }, (db) => readCatalog(db, "public"));
  await withDatabase(target.address, {}, async (db) => {
    const to = await readCatalog(db, SCHEMA);
    const selection = selectTables(from, to, { preserve });
    const plan = await planSchema(db, from, to, { selection, functions: true, dropExisting, copies });
    await inTransaction(db, {}, (tx) =>
      noteMade(tx, { runId, copies }, async () => {
        await applySchema(tx, plan);
        await meanwhile();
      }),
    );
  });
  return runId;
}

const made = async () =>
  (
    await target.query(
      `select oid::regclass::text as name from pg_class where relnamespace = to_regnamespace('${SCHEMA}') and relkind = 'r'`,
    )
  ).rows.map(({ name }) => name);

test.each([
  ["the salon", makeSalon],
  ["everything odd", makeOdd],
])("All of it goes, with the rows: %s", async (_, make) => {
  await make(source);
  const before = await everything();
  await makeSchema();
  await copy();
  await sync();
  expect((await made()).length).toBeGreaterThan(9);
  expect(keptOf(await rollBack(target, 10))).toEqual([]);
  expect(await everything()).toEqual(before);
});

test("What was there before stays, and so does what somebody else makes at the same time", async () => {
  await makeSalon(source);
  await runIn(target, SCHEMA, "create table actions as select 1 as nothing; create table theirs (id integer)");
  const before = await everything();
  await makeSchema({ meanwhile: async () => void (await target.query("create table meanwhile (id integer)")) });
  expect((await made()).length).toBeGreaterThan(9);
  expect(keptOf(await rollBack(target, 10))).toEqual([]);
  await target.query("drop table meanwhile");
  expect(await everything()).toEqual(before);
});

test("A table with rows of others stays, and so does what a view leans on; each is listed, and goes once nobody uses it", async () => {
  await runIn(
    source,
    "public",
    `
    create type mood as enum ('sad');
    create function one() returns integer language sql as 'select 1';
    create table days (id serial primary key, mood mood, n integer default one());
    create table people (id integer primary key, day integer references days, best integer);
    create table pets (id integer primary key, owner integer references people);
    alter table people add foreign key (best) references pets;
    create table weeks (id integer primary key)`,
  );
  const before = await everything();
  await makeSchema();
  await runIn(target, SCHEMA, "create view happy as select id from pets; insert into days (mood) values ('sad')");
  const kept = keptOf(await rollBack(target, 10));
  expect(kept).toEqual([
    [
      SCHEMA,
      `function ${SCHEMA}.one()`,
      `default value for column n of table ${SCHEMA}.days depends on function ${SCHEMA}.one()`,
    ],
    [SCHEMA, `schema ${SCHEMA}`, expect.stringContaining(`depends on schema ${SCHEMA}`)],
    [SCHEMA, `table ${SCHEMA}.days`, "it has rows that stay"],
    [
      SCHEMA,
      `table ${SCHEMA}.people`,
      `constraint pets_owner_fkey on table ${SCHEMA}.pets depends on table ${SCHEMA}.people`,
    ],
    [SCHEMA, `table ${SCHEMA}.pets`, `view ${SCHEMA}.happy depends on table ${SCHEMA}.pets`],
    [SCHEMA, `type ${SCHEMA}.mood`, `column mood of table ${SCHEMA}.days depends on type ${SCHEMA}.mood`],
  ]);
  expect((await made()).sort()).toEqual(["days", "people", "pets"].map((name) => `${SCHEMA}.${name}`));
  const { rows } = await target.query(
    `select count(*)::int as keys from pg_constraint where contype = 'f' and connamespace = '${SCHEMA}'::regnamespace`,
  );
  expect(rows).toEqual([{ keys: 3 }]);
  expect(keptOf(await rollBack(target, 10))).toEqual(kept);
  await target.query(`drop view ${SCHEMA}.happy; delete from ${SCHEMA}.days`);
  expect(keptOf(await rollBack(target, 10))).toEqual([]);
  expect(await everything()).toEqual(before);
});

test("A table that somebody has dropped and made anew is theirs", async () => {
  await runIn(
    source,
    "public",
    "create table days (id integer primary key); create table weeks (id integer primary key)",
  );
  await makeSchema();
  await target.query(`drop table ${SCHEMA}.days, ${SCHEMA}.weeks; create table ${SCHEMA}.days (id integer)`);
  expect(keptOf(await rollBack(target, 10))).toEqual([
    [SCHEMA, `schema ${SCHEMA}`, `table ${SCHEMA}.days depends on schema ${SCHEMA}`],
    [SCHEMA, `table ${SCHEMA}.days`, "somebody has made it anew since"],
  ]);
  expect(await made()).toEqual([`${SCHEMA}.days`]);
});

test("What a later run made anew goes, and the copies of preserved tables stay", async () => {
  await makeSalon(source);
  await makeSalon(target, SCHEMA);
  await runIn(target, SCHEMA, "create table kept as select 7 as n");
  await makeSchema({ dropExisting: true, preserve: ["kept"] });
  const last = await makeSchema({ dropExisting: true, preserve: ["kept"] });
  expect(keptOf(await rollBack(target, 10))).toEqual([]);
  expect(await made()).toEqual([`${SCHEMA}.kept`]);
  expect((await target.query(`select n from kept_run_${last}.kept`)).rows).toEqual([{ n: 7 }]);
});

test("One run alone is taken back: the tables stay while another's rows are in them", async () => {
  await makeSalon(source);
  const before = await everything();
  const schema = await makeSchema();
  const { document } = await copy();
  const kept = keptOf(await rollBack(target, 10, schema)) as string[][];
  expect(kept.filter(([, , reason]) => reason === "it has rows that stay").length).toBeGreaterThan(5);
  expect(keptOf(await rollBack(target, 10, document.runId))).toEqual([]);
  expect(keptOf(await rollBack(target, 10))).toEqual([]);
  expect(await everything()).toEqual(before);
});

testWithPsql("Nothing of the journal is executed: a name in it is only looked up", async () => {
  await makeSchema();
  const before = await everything();
  const evil = [
    { type: "table", names: ["public", 'x"; drop table "Lead'], args: [], oid: "1" },
    { type: 'table "Lead"; --', names: ["public", "Lead"], args: [], oid: "1" },
    { type: "role", names: ["postgres"], args: [], oid: "10" },
    { type: "table", names: ["public", "Lead"], args: [], oid: "1" },
  ];
  for (const [index, one] of evil.entries())
    await target.query(
      `insert into migration_effects (run_id, table_name, row_id, action, before) select max(id), 'x', $1, 'make', $2 from migration_runs`,
      [`evil ${index}`, JSON.stringify(one)],
    );
  const { exitCode, stdout } = await psql(target.url, fileOf(10, "rollback"));
  expect([exitCode, stdout]).toEqual([0, expect.stringContaining("evil 3 | somebody has made it anew since")]);
  expect((await everything()).Lead).toEqual(before.Lead);
});
