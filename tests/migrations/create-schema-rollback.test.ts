import { beforeEach, expect, test } from "@jest/globals";
import pg from "pg";
import { parseAddress } from "../../scripts/lib/db/address.ts";
import { baselineSchema } from "../../scripts/lib/schema/baseline.ts";
import { applyFolders } from "../../scripts/lib/schema/engine.ts";
import { listFolders } from "../../scripts/lib/schema/folders.ts";
import { runSqlScript } from "../../scripts/lib/sql-script.ts";
import { useDatabase } from "../helpers/database.ts";
import { perform, readCatalog } from "./create-schema-database.ts";

const db = useDatabase({ empty: true });
const CRM = "20251101_create_crm";
const SCHEMA = "20251107_create_schema";

const rollback = (folder = SCHEMA, settings: Record<string, string> = {}) =>
  runSqlScript(db.address, new URL(`../../prisma/migrations/${folder}/rollback.sql`, import.meta.url).pathname, {
    settings,
  });

const history = async () =>
  (await db.query("select migration_name from _prisma_migrations order by 1")).rows.map((row) => row.migration_name);

const addRun = async (script: string) => {
  const { rows } = await db.query<{ id: string }>(
    `insert into migration_runs (batch, script, mode, status, host, pid) values (1, $1, 'write', 'completed', 'h', 1)
     returning id`,
    [script],
  );
  return rows[0]?.id ?? "";
};

let crmAlone: string[];
beforeEach(async () => {
  const folders = await listFolders();
  await applyFolders(
    db.address,
    folders.filter(({ name }) => name === CRM),
  );
  crmAlone = await readCatalog(db);
  await applyFolders(db.address, folders);
});

test("With every folder applied by Prisma alone, the rollback leaves the CRM's tables and nothing else", async () => {
  const made = await readCatalog(db);
  const { notices, resultSets } = await rollback();
  expect(notices).toEqual(["rolling back ALL runs of batch 1"]);
  expect(resultSets.at(-1)).toEqual([
    { table_name: "Audit", row_id: null, reason: "was here before batch 1" },
    { table_name: "Job", row_id: null, reason: "was here before batch 1" },
    { table_name: "Lead", row_id: null, reason: "was here before batch 1" },
  ]);
  expect(await readCatalog(db)).toEqual(crmAlone);
  expect(await history()).toEqual([CRM]);
  await applyFolders(db.address, await listFolders());
  expect(await readCatalog(db)).toEqual(made);
});

test("A second rollback says that there is nothing to do", async () => {
  await rollback();
  expect((await rollback()).notices).toEqual([
    "rolling back ALL runs of batch 1",
    "nothing to roll back: nothing here was made by batch 1",
  ]);
  expect(await readCatalog(db)).toEqual(crmAlone);
});

test("Rows that the suite did not write as bookkeeping are listed in the refusal, and nothing is changed", async () => {
  await db.query(`with customer as (insert into "Customer" (name) values ('Ann') returning id)
                  insert into "Lead" (channel, customer_id) select 'sms', id from customer`);
  await db.query("insert into stores (id, name) values ('1', 'Shop')");
  const [catalog, rows] = [await readCatalog(db), await db.snapshot()];
  const refusal = rollback();
  await expect(refusal).rejects.toThrow(/"Customer": 1.*"Lead".customer_id: 1.*stores: 1/);
  expect([await readCatalog(db), await db.snapshot()]).toEqual([catalog, rows]);
});

test("Bookkeeping is no obstacle, and our own Audit rows go with it", async () => {
  await addRun("create-schema");
  await db.query(
    `insert into migration_errors (run_id, script, item_key, code, message) values (1, 'x', 'k', '22', 'm')`,
  );
  await db.query(`insert into "Audit" (actor, action, payload) values
                  ('system', 'create_schema', '{"runId": 1}'), ('system', 'add_fts_indexes', '{"runId": 2}'),
                  ('system', 'create_schema', '{"theirs": true}'), ('agent', 'message', '{"text": "Hello"}')`);
  await rollback();
  const { rows } = await db.query(`select actor, action, payload from "Audit" order by actor`);
  expect(rows).toEqual([
    { actor: "agent", action: "message", payload: { text: "Hello" } },
    { actor: "system", action: "create_schema", payload: { theirs: true } },
  ]);
});

test("Entries of migrations that are not the suite's stay", async () => {
  await db.query(
    `insert into _prisma_migrations (id, checksum, migration_name, finished_at) values ('1', '', '20260101_theirs', now())`,
  );
  await rollback();
  expect(await history()).toEqual([CRM, "20260101_theirs"]);
});

test("A run may be named when it is one of this batch; any other is refused", async () => {
  const [ours, other] = [await addRun("create-schema"), await addRun("backfill-customers")];
  for (const run of [other, "99", "x"])
    await expect(rollback(SCHEMA, { "backfill.run_id": run })).rejects.toThrow(`${run} is not a run of create-schema`);
  expect((await rollback(SCHEMA, { "backfill.run_id": ours })).notices).toEqual([
    `rolling back run ${ours}: a schema is undone whole`,
  ]);
});

test.each(["create-schema", "backfill-conversations-messages"])(
  "While a run of %s is at work it is refused",
  async (script) => {
    const other = new pg.Client(db.url);
    await other.connect();
    try {
      await other.query("select pg_try_advisory_lock(hashtextextended('crm-migrations:' || $1, 0))", [script]);
      await expect(rollback()).rejects.toThrow(`a run of ${script} is at work`);
    } finally {
      await other.end();
    }
    await rollback();
  },
);

test("Something of theirs that leans on a table of ours stops it, and keeps all", async () => {
  await db.query(`create view theirs as select id from "Customer"`);
  const catalog = await readCatalog(db);
  await expect(rollback()).rejects.toThrow("cannot drop");
  expect(await readCatalog(db)).toEqual(catalog);
});

test("In a schema other than public it undoes that one alone", async () => {
  const catalog = await readCatalog(db);
  await db.query(`create schema "Sales CRM"`);
  const address = parseAddress(`${db.url}?schema=Sales%20CRM`);
  await perform({ address }, baselineSchema, "apply", { baseline: false });
  const path = new URL(`../../prisma/migrations/${SCHEMA}/rollback.sql`, import.meta.url).pathname;
  await runSqlScript(address, path);
  const { rows } = await db.query("select tablename from pg_tables where schemaname = 'Sales CRM' order by 1");
  expect(rows.map(({ tablename }) => tablename)).toEqual(["Audit", "Job", "Lead", "_prisma_migrations"]);
  expect(await readCatalog(db)).toEqual(catalog);
});

test("The CRM's own tables go only when they are empty, made by Prisma, and the last that is left", async () => {
  await expect(rollback(CRM)).rejects.toThrow(`batch 1 is applied: run ${SCHEMA}/rollback.sql first`);
  await rollback();
  await expect(rollback(CRM, { "backfill.run_id": "1" })).rejects.toThrow("the CRM's tables belong to no run");
  await db.query(`insert into "Audit" (actor, action) values ('agent', 'call')`);
  await expect(rollback(CRM)).rejects.toThrow("these tables hold rows: Audit");
  await db.query(`delete from "Audit"; update _prisma_migrations set applied_steps_count = 0`);
  await expect(rollback(CRM)).rejects.toThrow("the CRM was here first, and is not ours to drop");
  await db.query("update _prisma_migrations set applied_steps_count = 1");
  await rollback(CRM);
  expect([await readCatalog(db), await history()]).toEqual([[], []]);
  expect((await rollback(CRM)).notices).toContain("nothing to roll back: the tables are not here");
});
