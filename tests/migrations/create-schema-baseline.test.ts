import { readFileSync } from "node:fs";
import { beforeEach, expect, test } from "@jest/globals";
import pg from "pg";
import { baselineSchema } from "../../scripts/lib/schema/baseline.ts";
import { sectionsOf } from "../../scripts/lib/schema/baseline-prepare.ts";
import { runSqlScript } from "../../scripts/lib/sql-script.ts";
import batch from "../../scripts/migrations/create-schema.ts";
import { useDatabase } from "../helpers/database.ts";
import { runInProcess } from "../helpers/script.ts";
import { FOREIGN_CRM, perform, readCatalog } from "./create-schema-database.ts";

const db = useDatabase({ empty: true });
const FOLDER = new URL("../../prisma/migrations/20251107_create_schema/", import.meta.url);
const rollback = () => runSqlScript(db.address, new URL("rollback.sql", FOLDER).pathname);
const plan = (baseline = true) => perform(db, baselineSchema, "plan", { baseline });
const apply = (baseline = true) => perform(db, baselineSchema, "apply", { baseline });

beforeEach(() => db.query(FOREIGN_CRM));

test("Without --baseline a CRM that was there first stops the batch, and nothing is touched", async () => {
  const before = await readCatalog(db);
  await expect(apply(false)).rejects.toThrow("--baseline");
  await expect(plan(false)).rejects.toMatchObject({ name: "UserError" });
  expect(await readCatalog(db)).toEqual(before);
});

test("With --baseline the first folder is only recorded, and only what is missing is made", async () => {
  const before = await readCatalog(db);
  const rows = await db.snapshot();
  const planned = await plan();
  expect(planned.lines[0]).toBe("Would record 20251101_create_crm as applied.");
  expect(planned.lines).toContain("Would make 3 columns: Job.customer_id, Lead.customer_id, Lead.state_metadata.");
  const applied = await apply();
  expect(applied.counts).toEqual(planned.counts);
  expect(applied.counts).toMatchObject({ updated: 2, counters: { tablesCreated: 12, columnsAdded: 3 } });
  const after = await readCatalog(db);
  expect(after).toEqual(expect.arrayContaining(before));
  const { rows: history } = await db.query(
    "select migration_name, applied_steps_count from _prisma_migrations order by 1",
  );
  expect(history).toEqual([
    { migration_name: "20251101_create_crm", applied_steps_count: 0 },
    { migration_name: "20251107_create_schema", applied_steps_count: 1 },
  ]);
  const { Lead, Job, ...others } = await db.snapshot();
  expect([Lead?.length, Job?.length, others.Audit]).toEqual([5, 5, rows.Audit]);
});

test("Once it is recorded the option is not needed any more", async () => {
  await apply();
  expect((await apply(false)).counts).toMatchObject({ created: 0, updated: 0 });
});

test("The rollback leaves the CRM exactly as it was, and the batch can run again", async () => {
  const [catalog, rows] = [await readCatalog(db), await db.snapshot()];
  await apply();
  const made = await readCatalog(db);
  await rollback();
  expect(await readCatalog(db)).toEqual(catalog);
  expect(await db.snapshot()).toEqual(rows);
  await apply(false);
  expect(await readCatalog(db)).toEqual(made);
});

test("Where only Prisma applies the file, what it made is told from what it found just as well", async () => {
  const catalog = await readCatalog(db);
  await db.query(readFileSync(new URL("migration.sql", FOLDER), "utf8"));
  const made = await readCatalog(db);
  await rollback();
  expect(await readCatalog(db)).toEqual(catalog);
  await apply();
  expect(await readCatalog(db)).toEqual(made);
});

test("An earlier tool's tables are taken as they are, and survive the rollback with their rows", async () => {
  await db.query(`
    create table "Customer" (
      id uuid primary key default gen_random_uuid(), email text, phone varchar, nickname text,
      created_at timestamptz not null default now(), updated_at timestamptz not null default now());
    comment on column "Customer".phone is 'theirs';
    insert into "Customer" (email) values ('a@example.com')`);
  const [catalog, rows] = [await readCatalog(db), await db.snapshot()];
  expect((await plan()).lines).toContainEqual(expect.stringContaining("Customer.metadata, Customer.name"));
  await apply();
  await rollback();
  expect(await readCatalog(db)).toEqual(catalog);
  expect(await db.snapshot()).toEqual(rows);
});

test("An audit log whose ids and times are made in the client is taken as it is, and gets the run's record", async () => {
  await db.query(`alter table "Audit" alter column id drop default, alter column created_at drop default`);
  const { exitCode } = await runInProcess(batch, db, ["--baseline"]);
  const { rows } = await db.query(
    `select count(*)::int from "Audit" where action = 'create_schema' and id is not null`,
  );
  expect([exitCode, rows]).toEqual([0, [{ count: 1 }]]);
});

test("A run that died after any of its steps is finished by the next one, and its rollback is still exact", async () => {
  const catalog = await readCatalog(db);
  const sql = readFileSync(new URL("migration.sql", FOLDER), "utf8");
  await db.query(sectionsOf(sql, new Set(["1", "2", "3", "4", "5", "8"])));
  await db.query(`create index "Lead_customer_id_idx_building" on "Lead" (customer_id)`);
  await db.query(`alter table "Lead" add constraint "Lead_customer_id_fkey"
                  foreign key (customer_id) references "Customer" (id) on delete set null on update cascade not valid`);
  await db.query(
    `comment on constraint "Lead_customer_id_fkey" on "Lead" is 'crm-migrations: made by 20251107_create_schema'`,
  );
  await apply();
  expect((await plan()).counts).toMatchObject({ created: 0, updated: 0 });
  expect((await readCatalog(db)).join("\n")).not.toMatch(/_building|NOT VALID/);
  await rollback();
  expect(await readCatalog(db)).toEqual(catalog);
});

test("An index that an interrupted build left invalid is built anew", async () => {
  await db.query(`create table external_refs (
                    id uuid primary key default gen_random_uuid(), entity_type text not null, entity_id uuid not null,
                    system text not null, external_id text not null);
                  insert into external_refs (entity_type, entity_id, system, external_id)
                  select 'lead', gen_random_uuid(), 'umnico', '1' from generate_series(1, 2)`);
  const name = "external_refs_system_entity_type_external_id_key";
  const build = `create unique index concurrently ${name} on external_refs (system, entity_type, external_id)`;
  await expect(db.query(build)).rejects.toThrow("could not create unique index");
  await expect(plan()).rejects.toThrow("more than once (1)");
  await db.query("delete from external_refs where ctid = (select min(ctid) from external_refs)");
  await apply();
  expect((await readCatalog(db)).join("\n")).not.toContain("INVALID");
});

test("A table that another session holds makes the batch wait and then say so, with nothing half done", async () => {
  const other = new pg.Client(db.url);
  await other.connect();
  try {
    await other.query(`begin; lock table "Job" in access share mode`);
    const before = await readCatalog(db);
    await expect(apply()).rejects.toMatchObject({ name: "MustWait" });
    expect(await readCatalog(db)).toEqual(before);
  } finally {
    await other.end();
  }
  expect((await apply(false)).counts).toMatchObject({ updated: 2 });
});
