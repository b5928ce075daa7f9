import { expect, test } from "@jest/globals";
import { RunFailed } from "../../../scripts/lib/errors.ts";
import { applyFolders, diagnose, markApplied, markRolledBack } from "../../../scripts/lib/schema/engine.ts";
import { checksumOf, type Folder } from "../../../scripts/lib/schema/folders.ts";
import { useDatabase } from "../../helpers/database.ts";
import { folder } from "./folder.ts";

const db = useDatabase({ empty: true });

const people = folder("20250101_people", "create table people (id int);");
const broken = folder("20250102_pets", "create table pets (id int);\nselect 1/0;");
const mended = folder("20250102_pets", "create table pets (id int);");

const entries = async () =>
  (
    await db.query(
      `select migration_name as name, finished_at is not null as finished, rolled_back_at is not null as "rolledBack"
         from _prisma_migrations
        order by started_at`,
    )
  ).rows;

const hasTable = async (name: string) => (await db.query("select to_regclass($1) as t", [name])).rows[0]?.t !== null;

test("An applied folder is recorded as prisma migrate deploy records it", async () => {
  expect(await applyFolders(db.address, [people])).toEqual(["20250101_people"]);
  const { rows } = await db.query("select * from _prisma_migrations");
  expect(rows).toEqual([
    {
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      checksum: checksumOf("create table people (id int);"),
      started_at: expect.any(Date),
      finished_at: expect.any(Date),
      migration_name: "20250101_people",
      logs: null,
      rolled_back_at: null,
      applied_steps_count: 1,
    },
  ]);
  expect(Math.abs(rows[0]?.started_at - Date.now())).toBeLessThan(60_000);
});

test("The table of the history has the columns that the CLI gives it", async () => {
  await applyFolders(db.address, [people]);
  const { rows } = await db.query(
    `select string_agg(format('%s %s%s', attname, format_type(atttypid, atttypmod), case when attnotnull then '!' end), ', '
                       order by attnum) as columns
       from pg_attribute
      where attrelid = '_prisma_migrations'::regclass and attnum > 0`,
  );
  expect(rows[0]?.columns).toBe(
    "id character varying(36)!, checksum character varying(64)!, finished_at timestamp with time zone, " +
      "migration_name character varying(255)!, logs text, rolled_back_at timestamp with time zone, " +
      "started_at timestamp with time zone!, applied_steps_count integer!",
  );
});

test("Applying twice changes nothing", async () => {
  await applyFolders(db.address, [people]);
  const { rows: before } = await db.query("select * from _prisma_migrations");
  expect(await applyFolders(db.address, [people])).toEqual([]);
  expect((await db.query("select * from _prisma_migrations")).rows).toEqual(before);
});

test("A file that fails leaves nothing of itself, keeps what came before, and is named in one line", async () => {
  const attempt = applyFolders(db.address, [people, broken]);
  await expect(attempt).rejects.toThrow(RunFailed);
  await expect(attempt).rejects.toThrow(
    /^prisma\/migrations\/20250102_pets\/migration\.sql: division by zero \(SQLSTATE 22012\)$/,
  );
  expect([await hasTable("people"), await hasTable("pets")]).toEqual([true, false]);
  expect(await entries()).toEqual([
    { name: "20250101_people", finished: true, rolledBack: false },
    { name: "20250102_pets", finished: false, rolledBack: false },
  ]);
  const { rows } = await db.query("select logs from _prisma_migrations where finished_at is null");
  expect(rows[0]?.logs).toContain("division by zero");
});

test("A file that failed is marked rolled back and applied again", async () => {
  await applyFolders(db.address, [people, broken]).catch(() => undefined);
  expect(await applyFolders(db.address, [people, mended])).toEqual(["20250102_pets"]);
  expect(await entries()).toEqual([
    { name: "20250101_people", finished: true, rolledBack: false },
    { name: "20250102_pets", finished: false, rolledBack: true },
    { name: "20250102_pets", finished: true, rolledBack: false },
  ]);
});

test("A recorded folder did not run: its steps count is 0, as for prisma migrate resolve", async () => {
  await markApplied(db.address, people);
  const { rows } = await db.query(
    "select checksum, applied_steps_count as steps, finished_at = started_at as at_once from _prisma_migrations",
  );
  expect(rows).toEqual([{ checksum: people.checksum, steps: 0, at_once: true }]);
  expect([await hasTable("people"), await applyFolders(db.address, [people])]).toEqual([false, []]);
});

test("A failed folder can be marked rolled back by hand", async () => {
  await applyFolders(db.address, [broken]).catch(() => undefined);
  await markRolledBack(db.address, broken.name);
  expect(await entries()).toEqual([{ name: "20250102_pets", finished: false, rolledBack: true }]);
});

test("The diagnosis names what failed, what was edited, and what is behind", async () => {
  await applyFolders(db.address, [people, broken]).catch(() => undefined);
  const edited: Folder = folder("20250101_people", "create table people (id bigint);");
  expect(await diagnose(db.address, [edited, broken, folder("20250103_toys", "select 1;")])).toEqual({
    editedMigrationNames: ["20250101_people"],
    failedMigrationNames: ["20250102_pets"],
    hasMigrationsTable: true,
    history: { diagnostic: "databaseIsBehind", unappliedMigrationNames: ["20250103_toys"] },
  });
});

test("Folders are applied in the schema that the URL names", async () => {
  const address = { ...db.address, schema: "crm" };
  await applyFolders(address, [people]);
  expect([await hasTable("crm.people"), await hasTable("crm._prisma_migrations")]).toEqual([true, true]);
  expect([await hasTable("public.people"), await applyFolders(address, [people])]).toEqual([false, []]);
});

test("Two processes at once apply a folder once", async () => {
  const slow = folder("20250101_people", "create table people (id int); select pg_sleep(0.3);");
  const applied = await Promise.all([applyFolders(db.address, [slow]), applyFolders(db.address, [slow])]);
  expect(applied.flat()).toEqual(["20250101_people"]);
  expect(await entries()).toEqual([{ name: "20250101_people", finished: true, rolledBack: false }]);
});
