/** Everything in order: plan, schema, copy, verify, sync; again; and as a rehearsal. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { withRunLock } from "../../../scripts/lib/db/lock.ts";
import { readSql } from "../../../scripts/lib/sql-file.ts";
import batch from "../../../scripts/migrations/migrate-business-data.ts";
import { makePreserved, makeSalon, PRESERVED_ROWS, SALON_ROWS } from "../../helpers/salon.ts";
import { runCaptured, until } from "../../helpers/script.ts";
import { guardsIn, LONG_MS, NAME, PRESERVE, SCHEMA, sum, useMove } from "./bed.ts";

const { source, target, behindPostgrest, run, expectEqual, rowsIn } = useMove();

const ALL = sum(SALON_ROWS);
const TABLES = Object.keys(SALON_ROWS).length;
/** All that a document says of rows and tables, and nothing else. */
const STATS = {
  tables: TABLES,
  rowsRead: ALL,
  rowsInserted: ALL,
  rowsUpdated: 0,
  rowsExisting: 0,
  rowsQuarantined: 0,
  rowsDeleted: 0,
  tablesVerified: TABLES,
  differences: 0,
  errors: 0,
};

const preservedRows = async () => {
  const { whatsapp_auth, whatsapp_keys } = await rowsIn();
  return { whatsapp_auth, whatsapp_keys };
};

test(
  "A salon moves beside tables that are preserved, and is proven; a second run finds all of it there",
  async () => {
    await makeSalon(source);
    await makePreserved(target, SCHEMA);
    const before = await preservedRows();
    const first = await run(...PRESERVE);
    expect(first).toMatchObject({ exitCode: 0, document: { stats: STATS, mode: "write" } });
    expect(Object.keys(first.document.stats)).toEqual(Object.keys(STATS));
    const steps = first.document.subcommands?.map(({ mode, status }) => `${mode} ${status}`);
    expect(steps).toEqual(["dry-run completed", ...Array.from({ length: 4 }, () => "write completed")]);
    const told = first.document.tables?.map(({ table, rowsInserted, verified }) => [table, [rowsInserted, verified]]);
    const wanted = Object.entries(SALON_ROWS).map(([table, rows]) => [table, [rows, true]]);
    expect(Object.fromEntries(told ?? [])).toEqual(Object.fromEntries(wanted));
    await expectEqual();
    expect(await preservedRows()).toEqual(before);
    expect(before.whatsapp_keys).toHaveLength(PRESERVED_ROWS.whatsapp_keys);
    expect(await guardsIn(target)).toEqual([]);

    const second = await run(...PRESERVE);
    expect(second).toMatchObject({
      exitCode: 0,
      document: { stats: { ...STATS, rowsInserted: 0, rowsExisting: ALL } },
    });
    const { rows } = await target.query(
      `select (select count(*)::int from migration_runs where script = $1) as runs,
              (select count(*)::int from "Audit" where action = 'migrate_business_data') as audits`,
      [NAME],
    );
    expect(rows).toEqual([{ runs: 8, audits: 8 }]);
  },
  LONG_MS,
);

test(
  "A salon behind PostgREST moves into the tables that a file makes, and into tables that are there",
  async () => {
    await makeSalon(source);
    await behindPostgrest({ maxRows: 400 });
    const folder = await mkdtemp(join(tmpdir(), "schema-"));
    const file = join(folder, "schema.sql");
    await writeFile(file, readSql(new URL("../../../scripts/lib/demo/salon/tables.sql", import.meta.url)));
    try {
      const without = await runCaptured(batch, ["schema", "--target-schema", SCHEMA], target);
      expect(without).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("give --schema-file") });
      expect(await run("--schema-file", file)).toMatchObject({ exitCode: 0, document: { stats: STATS } });
    } finally {
      await rm(folder, { recursive: true });
    }
    await expectEqual();
    expect(await run()).toMatchObject({
      exitCode: 0,
      document: { stats: { ...STATS, rowsInserted: 0, rowsExisting: ALL } },
    });
  },
  LONG_MS,
);

test(
  "A rehearsal by a role that may only read foretells the numbers, and leaves nothing anywhere",
  async () => {
    await makeSalon(source);
    await makePreserved(target, SCHEMA);
    const reader = `reader_${target.address.client.database}`;
    await target.query(`create role ${reader} login in role pg_read_all_data`);
    try {
      const readerUrl = new URL(target.url);
      readerUrl.username = reader;
      const before = [await target.snapshot(), await rowsIn(), await catalogOf()];
      const argv = ["--dry-run", "--json", "--target-schema", SCHEMA, ...PRESERVE];
      const rehearsed = await runCaptured(batch, argv, { url: readerUrl.href });
      expect([await target.snapshot(), await rowsIn(), await catalogOf()]).toEqual(before);
      expect((await target.query("select from migration_runs")).rowCount).toBe(0);
      const done = await run(...PRESERVE);
      expect({ exitCode: rehearsed.exitCode, stats: rehearsed.json.stats }).toEqual({
        exitCode: done.exitCode,
        stats: { ...done.document.stats, tablesVerified: 0 },
      });
      const of = ({ table, rowsRead, rowsInserted }: Readonly<Record<string, unknown>>) => [
        table,
        rowsRead,
        rowsInserted,
      ];
      expect(rehearsed.json.tables?.map(of)).toEqual(done.document.tables?.map(of));
    } finally {
      await target.query(`drop owned by ${reader}; drop role ${reader}`);
    }
  },
  LONG_MS,
);

test(
  "A direct source that people work on is copied and proven as it was at one moment, and sync brings the rest",
  async () => {
    await makeSalon(source);
    const moving = run();
    await until(async () => (await target.query("select from migration_runs")).rowCount);
    await source.query(
      `insert into messages (company_id, client_phone, direction, content) select 1, '+7', 'incoming', 'Hi' from generate_series(1, 5);
       update clients set notes = 'called' where id = (select max(id) from clients);
       delete from actions where id = (select min(id::text) from actions)::uuid`,
    );
    const { exitCode, document, text } = await moving;
    expect({ exitCode, ...document.stats }).toMatchObject({
      exitCode: 0,
      rowsInserted: ALL + 5,
      rowsUpdated: 1,
      tablesVerified: TABLES,
      differences: 0,
    });
    expect(text).toContain("actions: 1 row is not at the source; it stays without --delete-missing");
    const extra = await run("verify");
    expect(extra).toMatchObject({ exitCode: 1, document: { stats: { differences: 1, tablesVerified: TABLES - 1 } } });
    expect(extra.text).toContain("`sync` brings over");
  },
  LONG_MS,
);

/** An update of clients that their trigger does not see. */
const untouched = (set: string) =>
  `alter table clients disable trigger user; update clients set ${set}; alter table clients enable trigger user`;

test(
  "With --functions the triggers move too, change nothing of what arrives, and are at work afterwards",
  async () => {
    await makeSalon(source);
    await source.query(untouched("updated_at = '2001-01-01'"));
    expect(await run("--functions")).toMatchObject({ exitCode: 0, document: { stats: STATS } });
    await source.query(untouched("notes = 'called' where id = 502"));
    expect(await run("sync")).toMatchObject({ exitCode: 0, document: { stats: { rowsUpdated: 1 } } });
    await expectEqual();
    const touched = `update ${SCHEMA}.clients set notes = null where id = 502 returning updated_at > '2020-01-01' as now`;
    expect((await target.query(touched)).rows).toEqual([{ now: true }]);
  },
  LONG_MS,
);

test("While another run is at work, plan tells what it sees, and all else must wait: exit 75", async () => {
  await makeSalon(source);
  await makeSalon(target, SCHEMA, { rows: false });
  await withRunLock(target.address, NAME, async () => {
    expect((await run("plan")).exitCode).toBe(0);
    for (const argv of [[], ["schema"], ["copy"], ["verify"], ["sync"]]) {
      const { exitCode, document } = await run(...argv);
      expect({ argv, exitCode, status: document.status }).toEqual({ argv, exitCode: 75, status: "waiting" });
    }
  });
  expect((await target.query("select from migration_runs")).rowCount).toBe(0);
});

/** Every relation, constraint, trigger and function that anybody could have made. */
async function catalogOf(): Promise<unknown[]> {
  const { rows } = await target.query(
    `select 'relation' as kind, oid::regclass::text as name from pg_class where relnamespace::regnamespace::text !~ '^pg_'
      union all
     select 'constraint', conrelid::regclass || '.' || conname from pg_constraint where conrelid <> 0
      union all
     select 'trigger', tgrelid::regclass || '.' || tgname from pg_trigger
      union all
     select 'function', oid::regprocedure::text from pg_proc where pronamespace::regnamespace::text !~ '^pg_'
      order by 1, 2`,
  );
  return rows;
}
