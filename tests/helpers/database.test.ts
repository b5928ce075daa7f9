import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import pg from "pg";
import { openConnection } from "../../scripts/lib/db/database.ts";
import { quoteName } from "../../scripts/lib/db/quote.ts";
import { folder } from "../lib/schema/folder.ts";
import { leakedConnections, useDatabase } from "./database.ts";
import { templateOf } from "./template.ts";

const adminUrl = process.env.TEST_ADMIN_URL ?? "";
let admin: pg.Pool;

beforeAll(() => {
  admin = new pg.Pool({ connectionString: adminUrl, max: 1 });
});

afterAll(() => admin.end());

describe("A test's database", () => {
  const db = useDatabase();
  const addAudit = (actor: string, leadId: string | null) =>
    db.query(`insert into "Audit" (actor, lead_id, action) values ($1, $2, 'a')`, [actor, leadId]);

  test.each(["first", "second"])("is its own, with every migration applied: %s test", async () => {
    await db.query("insert into stores (id, name) values ('a', 'A')");
    expect((await db.query("select id from stores")).rows).toEqual([{ id: "a" }]);
  });

  test("tells which connection a test forgot to end", async () => {
    const forgotten = await openConnection(db.address);
    await forgotten.query("select 'forgotten'");
    const name = db.address.client.database;
    expect(await leakedConnections(admin, name, 50)).toEqual(["crm-migrations: select 'forgotten'"]);
    await forgotten.end();
    expect(await leakedConnections(admin, name)).toEqual([]);
  });

  test("is photographed with every column and digit", async () => {
    await db.query(`insert into migration_effects (run_id, table_name, row_id, action, created_at)
                    values (9007199254740993, 't', 'r', 'a', '2025-01-01 00:00:00.123456+00')`);
    const [row = ""] = (await db.snapshot()).migration_effects ?? [];
    expect(row).toContain("9007199254740993");
    expect(row).toContain(".123456");
  });

  test("is photographed without what differs by design", async () => {
    await db.query(`insert into "Customer" (metadata) values ('{"source": "s", "runId": 1, "createdAt": "now"}')`);
    await addAudit("system", null);
    await addAudit("user", null);
    await addAudit("system", "00000000-0000-0000-0000-000000000001");
    const { Customer = [], Audit = [], ...others } = await db.snapshot();
    expect(JSON.parse(Customer[0] ?? "")).toMatchObject({ metadata: { source: "s" } });
    expect(Customer[0]).not.toMatch(/runId|createdAt/);
    expect([Audit.length, Object.keys(others).filter((name) => /migration_runs|_prisma/.test(name))]).toEqual([2, []]);
  });

  test("is photographed without the tables and keys that a test leaves out", async () => {
    await db.query(
      `insert into "Customer" (name, metadata) values ('Ann', '{"source": "s", "run": {"a": 1, "b": 2}}')`,
    );
    const { Customer = [] } = await db.snapshot({ keys: ["id", "created_at", "updated_at", "metadata.run.a"] });
    expect(JSON.parse(Customer[0] ?? "")).toEqual({
      name: "Ann",
      phone: null,
      email: null,
      metadata: { source: "s", run: { b: 2 } },
    });
    expect(await db.snapshot({ tables: ["Customer"] })).not.toHaveProperty("Customer");
  });
});

describe("The template", () => {
  test("is made once by two test runs at once, and holds what the folders make", async () => {
    const sql = `create table made_by_${randomUUID().replaceAll("-", "")} ();`;
    const folders = [folder("20250101_a", sql)];
    const [name, same] = await Promise.all([templateOf(adminUrl, folders), templateOf(adminUrl, folders)]);
    expect(same).toBe(name);
    const { rows } = await admin.query("select datname from pg_database where datname like $1", [`${name}%`]);
    await admin.query(`drop database ${quoteName(name)}`);
    expect(rows).toEqual([{ datname: name }]);
  });

  test("carries another name as soon as a migration is changed", async () => {
    expect(process.env.TEST_TEMPLATE).toMatch(/^crm_template_[0-9a-f]{12}$/);
    const [a, b] = await Promise.all(
      ["select 1;", "select 2;"].map((sql) => templateOf(adminUrl, [folder("20250101_a", sql)])),
    );
    for (const name of [a, b]) await admin.query(`drop database ${quoteName(name ?? "")}`);
    expect(a).not.toBe(b);
  });
});
