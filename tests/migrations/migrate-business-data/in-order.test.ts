/** Everything in order: plan, schema, copy, verify, sync; and again. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { readSql } from "../../../scripts/lib/sql-file.ts";
import batch from "../../../scripts/migrations/migrate-business-data.ts";
import { makePreserved, makeSalon, PRESERVED_ROWS, SALON_ROWS } from "../../helpers/salon.ts";
import { runCaptured } from "../../helpers/script.ts";
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
