import { expect, test } from "@jest/globals";
import { type Database, withDatabase } from "../../../scripts/lib/db/database.ts";
import { isRowsFault } from "../../../scripts/lib/db/pg-errors.ts";
import { inTransaction, withSavepoint } from "../../../scripts/lib/db/transaction.ts";
import { addCustomer, countRows } from "../../helpers/crm.ts";
import { useDatabase } from "../../helpers/database.ts";

const db = useDatabase();

const onDatabase = <T>(work: (database: Database) => Promise<T>, readOnly = false) =>
  withDatabase(db.address, { max: 1, readOnly }, work);

test("what returns is committed, what throws is rolled back, and the one connection goes on serving", async () => {
  await onDatabase(async (database) => {
    await inTransaction(database, {}, (tx) => addCustomer(tx));
    const failing = inTransaction(database, {}, async (tx) => {
      await addCustomer(tx);
      throw new Error("no");
    });
    await expect(failing).rejects.toThrow("no");
    await inTransaction(database, {}, (tx) => addCustomer(tx));
  });
  expect(await countRows(db, "Customer")).toBe(2);
});

test("a READ ONLY transaction refuses to write, and so does all of a read-only database", async () => {
  await onDatabase(async (database) => {
    await expect(inTransaction(database, { readOnly: true }, (tx) => addCustomer(tx))).rejects.toMatchObject({
      code: "25006",
    });
  });
  await onDatabase(async (database) => {
    await expect(addCustomer(database)).rejects.toMatchObject({ code: "25006" });
  }, true);
});

test("a connection that breaks is not given to the next transaction", async () => {
  await onDatabase(async (database) => {
    const broken = inTransaction(database, {}, (tx) => tx.query("select pg_terminate_backend(pg_backend_pid())"));
    await expect(broken).rejects.toMatchObject({ code: "57P01" });
    expect((await inTransaction(database, {}, (tx) => tx.query("select 1 as one"))).rows).toEqual([{ one: 1 }]);
  });
});

test("a savepoint forgives what it is told to, and nothing else", async () => {
  await onDatabase((database) =>
    inTransaction(database, {}, async (tx) => {
      expect(await withSavepoint(tx, isRowsFault, () => tx.query("select 1 / 0"))).toBeUndefined();
      expect(await withSavepoint(tx, isRowsFault, () => addCustomer(tx))).toBeDefined();
      await expect(withSavepoint(tx, isRowsFault, () => tx.query("select * from nowhere"))).rejects.toMatchObject({
        code: "42P01",
      });
    }),
  ).catch(() => undefined);
});

test("times are read and written in UTC, as ISO texts, whatever the server is set to", async () => {
  await db.query(`alter database "${new URL(db.url).pathname.slice(1)}" set timezone = 'Asia/Tokyo'`);
  const { rows } = await onDatabase((database) =>
    database.query("select timestamptz '2025-11-09 10:40:00.123456+02' || '' as text"),
  );
  expect(rows).toEqual([{ text: "2025-11-09 08:40:00.123456+00" }]);
});

test("a schema in the URL is where the names are looked for", async () => {
  await db.query("create schema sales");
  await db.query("create table sales.only_here as select 1 as one");
  const address = { ...db.address, schema: "sales" };
  const { rows } = await withDatabase(address, {}, (database) => database.query("select * from only_here"));
  expect(rows).toEqual([{ one: 1 }]);
});
