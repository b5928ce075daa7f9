import { expect, test } from "@jest/globals";
import { type Database, withDatabase } from "../../../scripts/lib/db/database.ts";
import { guardTables, releaseTables } from "../../../scripts/lib/move/preserve.ts";
import { useDatabase } from "../../helpers/database.ts";

const db = useDatabase();

const KEPT = { schema: "public", table: "Kept" };

const asOurs = <T>(work: (ours: Database) => Promise<T>): Promise<T> => withDatabase(db.address, {}, work);

async function makeTables(): Promise<void> {
  await db.query(`create table parents (id int primary key);
                  create table "Kept" (id int primary key, parent int references parents on delete cascade);
                  insert into parents values (1), (2);
                  insert into "Kept" values (1, 1)`);
}

test.each([
  'insert into "Kept" values (2)',
  'update "Kept" set parent = 2',
  'delete from "Kept"',
  'truncate "Kept"',
  "truncate parents cascade",
  "delete from parents where id = 1",
])("Our sessions can't change a guarded table: %s", async (statement) => {
  await makeTables();
  await asOurs(async (ours) => {
    await guardTables(ours, [KEPT]);
    await expect(ours.query(statement)).rejects.toThrow("table public.Kept is preserved");
  });
  expect((await db.query('select * from "Kept"')).rows).toEqual([{ id: 1, parent: 1 }]);
});

test("A guard holds where a session has turned triggers off", async () => {
  await makeTables();
  await asOurs(async (ours) => {
    await guardTables(ours, [KEPT]);
    const attempt = ours.query('set session_replication_role = replica; delete from "Kept"');
    await expect(attempt).rejects.toThrow("is preserved");
  });
});

test("What has nothing to do with a guarded row goes on, and others work on the table", async () => {
  await makeTables();
  await asOurs(async (ours) => {
    await guardTables(ours, [KEPT]);
    await ours.query("delete from parents where id = 2");
  });
  await db.query(
    'insert into "Kept" values (2, 1); update "Kept" set parent = null where id = 1; delete from "Kept" where id = 2',
  );
  expect((await db.query('select * from "Kept"')).rows).toEqual([{ id: 1, parent: null }]);
});

test("Nothing of a guard is left once it is released, nor of one that a killed run left behind", async () => {
  await makeTables();
  const before = await db.snapshot();
  const left = async () =>
    (await db.query("select from pg_trigger where tgname ~ 'crm_move'")).rows.length +
    (await db.query("select from pg_proc where proname ~ 'crm_move'")).rows.length;
  await asOurs((ours) => guardTables(ours, [KEPT, { schema: "public", table: "parents" }]));
  expect(await left()).toBe(5);
  await asOurs((ours) => guardTables(ours, [KEPT]));
  expect(await left()).toBe(3);
  await asOurs((ours) => releaseTables(ours));
  expect(await left()).toBe(0);
  expect(await db.snapshot()).toEqual(before);
});

test("A table that is not there can't be preserved", async () => {
  await asOurs((ours) =>
    expect(guardTables(ours, [{ schema: "public", table: "nowhere" }])).rejects.toThrow("no table public.nowhere"),
  );
});
