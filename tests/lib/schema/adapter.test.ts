import { beforeEach, expect, test } from "@jest/globals";
import { ColumnTypeEnum, type SqlDriverAdapter } from "@prisma/driver-adapter-utils";
import { openDatabase } from "../../../scripts/lib/db/database.ts";
import { MigrationAdapter } from "../../../scripts/lib/schema/adapter.ts";
import { applyFolders } from "../../../scripts/lib/schema/engine.ts";
import { useDatabase } from "../../helpers/database.ts";
import { folder } from "./folder.ts";

const db = useDatabase({ empty: true });
let adapter: MigrationAdapter;

beforeEach(() => {
  adapter = new MigrationAdapter(openDatabase(db.address, { max: 1 }));
});

/** Ends the adapter's connections also where the test fails, so that only its own failure is shown. */
const using = async (work: () => Promise<void>) => {
  try {
    await work();
  } finally {
    await adapter.close();
  }
};

const tables = async () =>
  (
    await db.query("select relname from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace")
  ).rows.map(({ relname }) => relname);

test("A script is sent whole: where its last statement fails, nothing of it is left", () =>
  using(async () => {
    const connected = await adapter.connect();
    await expect(connected.executeScript("create table a (); create table b (); select 1/0;")).rejects.toThrow(
      "division by zero",
    );
    expect(await tables()).toEqual([]);
  }));

test("A semicolon in a function's body does not cut the script", () =>
  using(async () => {
    const connected = await adapter.connect();
    await connected.executeScript("create function two() returns int language plpgsql as $$ begin return 2; end $$;");
    expect((await db.query("select two() as two")).rows).toEqual([{ two: 2 }]);
  }));

test("A failed script with a transaction of its own leaves the connection usable", () =>
  using(async () => {
    const connected = await adapter.connect();
    await expect(connected.executeScript("begin; select 1/0; commit;")).rejects.toThrow("division by zero");
    const { rows } = await connected.queryRaw({ sql: "select 1 as one", args: [], argTypes: [] });
    expect(rows).toEqual([[1]]);
  }));

const nameOf = async (connected: SqlDriverAdapter) =>
  (await connected.queryRaw({ sql: "select current_database()::text", args: [], argTypes: [] })).rows[0]?.[0];

const databasesNamed = async (name: unknown) =>
  (await db.query("select from pg_database where datname = $1", [name])).rows.length;

test("The shadow database is one of its own, and is gone afterwards", () =>
  using(async () => {
    const shadow = await adapter.connectToShadowDb();
    const name = await nameOf(shadow);
    expect([name, await databasesNamed(name)]).toEqual([expect.stringMatching(/^prisma_migrate_shadow_db_/), 1]);
    await shadow.executeScript("create table only_in_the_shadow ();");
    await shadow.dispose();
    expect([await tables(), await databasesNamed(name)]).toEqual([[], 0]);
  }));

test("A shadow database that the engine forgot is dropped with the adapter", async () => {
  let name: unknown;
  await using(async () => {
    name = await nameOf(await adapter.connectToShadowDb());
  });
  expect(await databasesNamed(name)).toBe(0);
});

test.each(["connection", "transaction"])('The type "char" is read in a %s', (kind) =>
  using(async () => {
    const connected = await adapter.connect();
    const transaction = kind === "transaction" ? await connected.startTransaction() : undefined;
    const ask = { sql: `select 'x'::text as t, 'p'::"char" as c, null::"char" as n`, args: [], argTypes: [] };
    const { columnTypes, rows } = await (transaction ?? connected).queryRaw(ask);
    await transaction?.rollback();
    const { Text, Character } = ColumnTypeEnum;
    expect({ columnTypes, rows }).toEqual({ columnTypes: [Text, Character, Character], rows: [["x", "p", null]] });
  }),
);

test("Prisma's advisory lock is free again when the call returns", async () => {
  await applyFolders(db.address, [folder("20250101_nothing", "select 1;")]);
  const { rows } = await db.query("select pg_try_advisory_lock(72707369) as free");
  expect(rows).toEqual([{ free: true }]);
});
