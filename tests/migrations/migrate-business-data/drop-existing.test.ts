/** `--drop-existing`: said first, kept first, and nothing at all where something leans on what would go. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { readSql } from "../../../scripts/lib/sql-file.ts";
import { makePreserved, makeSalon, PRESERVED_ROWS, runIn, SALON_ROWS } from "../../helpers/salon.ts";
import { LONG_MS, PRESERVE, SCHEMA, sum, useMove } from "./bed.ts";

const { source, target, behindPostgrest, run, expectEqual, rowsIn } = useMove();

const TABLES = readSql(new URL("../../../scripts/lib/demo/salon/tables.sql", import.meta.url));

const DROP = ["--drop-existing", "--all", ...PRESERVE];

test(
  "What is dropped is named, preserved tables are copied first, and the move puts everything there anew",
  async () => {
    await makeSalon(source);
    await makeSalon(target, SCHEMA);
    await makePreserved(target, SCHEMA);
    await target.query(`alter table ${SCHEMA}.clients drop column tags`);
    const { whatsapp_auth, whatsapp_keys } = await rowsIn();
    const before = await rowsIn();
    const rehearsed = await run("schema", ...DROP, "--dry-run");
    expect(rehearsed.text).toContain(`copies whatsapp_auth, whatsapp_keys into schema ${SCHEMA}_before_run_N`);
    const foretold = await run(...DROP, "--dry-run");
    expect(await rowsIn()).toEqual(before);

    const { exitCode, text, document } = await run(...DROP);
    expect({ exitCode, ...document.stats }).toMatchObject({
      exitCode: 0,
      rowsInserted: sum(SALON_ROWS),
      tablesVerified: Object.keys(SALON_ROWS).length,
    });
    expect({ ...foretold.document.stats, tablesVerified: 10 }).toEqual(document.stats);
    const names = Object.keys(SALON_ROWS).sort().join(", ");
    expect(text).toContain(`drops from schema ${SCHEMA} the tables ${names}, with their rows`);
    await expectEqual();
    const copies = /copies whatsapp_auth, whatsapp_keys into schema (\w+_before_run_\d+)/.exec(text)?.[1] ?? "";
    expect(await rowsIn(copies)).toEqual({ whatsapp_auth, whatsapp_keys });
    expect(await rowsIn()).toMatchObject({ whatsapp_auth, whatsapp_keys });
    expect(whatsapp_keys).toHaveLength(PRESERVED_ROWS.whatsapp_keys);
  },
  LONG_MS,
);

test.each([
  [
    "a preserved table",
    `alter table whatsapp_auth add client integer constraint auth_client_fkey references clients (id)`,
    "constraint auth_client_fkey on table salon.whatsapp_auth",
  ],
  ["a view", "create view open_bookings as select * from bookings", "rule _RETURN on view salon.open_bookings"],
])(
  "Where %s leans on a table, it is named, and nothing is touched",
  async (_, leaning, says) => {
    await makeSalon(source, "public", { rows: false });
    await makeSalon(target, SCHEMA);
    await makePreserved(target, SCHEMA);
    await runIn(target, SCHEMA, leaning);
    const before = await rowsIn();
    for (const argv of [
      ["schema", ...DROP, "--dry-run"],
      ["schema", ...DROP],
    ]) {
      const { exitCode, text } = await run(...argv);
      expect({ argv, exitCode, text }).toEqual({ argv, exitCode: 2, text: expect.stringContaining(says) });
    }
    expect(await rowsIn()).toEqual(before);
    const { rows } = await target.query("select from pg_namespace where nspname like '%before_run%'");
    expect(rows).toEqual([]);
  },
  LONG_MS,
);

test(
  "What an interrupted copy has stored is not dropped, unless --restart gives it up",
  async () => {
    await makeSalon(source);
    await run("--limit", "30");
    const before = await rowsIn();
    const { exitCode, text } = await run("schema", "--drop-existing", "--all");
    expect({ exitCode, text }).toEqual({
      exitCode: 2,
      text: expect.stringMatching(
        /Run \d+ has not ended, and --drop-existing would drop what it has stored: run copy again/,
      ),
    });
    expect(await rowsIn()).toEqual(before);
    expect((await run("schema", "--drop-existing", "--all", "--restart")).exitCode).toBe(0);
    expect((await rowsIn()).clients).toEqual([]);
    expect((await run()).document.stats).toMatchObject({ rowsInserted: sum(SALON_ROWS), rowsExisting: 0 });
  },
  LONG_MS,
);

test(
  "From PostgREST, a file makes what was dropped; where the file fails, everything is there as before",
  async () => {
    await makeSalon(source);
    await makeSalon(target, SCHEMA);
    await target.query(`drop function ${SCHEMA}.touch_updated_at cascade; update ${SCHEMA}.clients set name = 'Other'`);
    await behindPostgrest({ maxRows: 500 });
    const before = await rowsIn();
    const folder = await mkdtemp(join(tmpdir(), "schema-"));
    const file = join(folder, "schema.sql");
    try {
      await writeFile(file, `${TABLES}; select 1 / 0;`);
      const failed = await run("--drop-existing", "--all", "--schema-file", file);
      expect(failed).toMatchObject({ exitCode: 1, text: expect.stringContaining("division by zero") });
      expect(await rowsIn()).toEqual(before);
      await writeFile(file, TABLES);
      const { exitCode, document } = await run("--drop-existing", "--all", "--schema-file", file);
      expect({ exitCode, ...document.stats }).toMatchObject({
        exitCode: 0,
        rowsInserted: sum(SALON_ROWS),
        differences: 0,
      });
    } finally {
      await rm(folder, { recursive: true });
    }
    await expectEqual();
  },
  LONG_MS,
);

test("The suite's own tables are not dropped", async () => {
  await makeSalon(source, "public", { rows: false });
  const { exitCode, text } = await run("schema", "--drop-existing", "--all", "--target-schema", "public");
  expect({ exitCode, text }).toEqual({
    exitCode: 2,
    text: expect.stringContaining("--drop-existing would drop the suite's own bookings"),
  });
  expect((await target.query("select from bookings")).rowCount).toBe(0);
});
