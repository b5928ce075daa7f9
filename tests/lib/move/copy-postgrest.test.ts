/** The copy driven by the engine, from a source behind PostgREST that clips its answers. */
import { expect, test } from "@jest/globals";
import { useDatabase } from "../../helpers/database.ts";
import { makeOdd, makeSalon, ODD_ROWS, SALON_ROWS } from "../../helpers/salon.ts";
import { numbersOf, runInProcess } from "../../helpers/script.ts";
import { copyBatch } from "./copy/copy-batch.ts";
import { startService } from "./postgrest/service.ts";

const db = useDatabase({ empty: true });
const target = useDatabase();

const SCHEMA = "moved";
const WORLDS = { salon: { make: makeSalon, rows: SALON_ROWS }, odd: { make: makeOdd, rows: ODD_ROWS } };

const sum = (rows: Readonly<Record<string, number>>) => Object.values(rows).reduce((all, count) => all + count, 0);

async function rowsOf(asked: typeof db, schema: string, table: string): Promise<string[]> {
  const { rows } = await asked.query<{ row: string }>(
    `select t::text as row from "${schema}"."${table.replaceAll('"', '""')}" t order by 1`,
  );
  return rows.map(({ row }) => row);
}

test.each(["salon", "odd"] as const)(
  "Everything of %s comes through PostgREST, and a second run finds it there",
  async (world) => {
    const { make, rows } = WORLDS[world];
    await make(db);
    await make(target, SCHEMA, { rows: false });
    const { open } = await startService(db, { maxRows: 90 });
    const run = async (argv: readonly string[]) =>
      runInProcess(
        await copyBatch({
          source: await open(),
          address: target.address,
          schema: SCHEMA,
          tables: Object.keys(rows),
          pageItems: 60,
        }),
        target,
        argv,
      );
    const foreseen = await run(["--dry-run"]);
    const done = await run([]);
    expect({ exitCode: done.exitCode, ...done.document.stats, errors: done.document.errors }).toMatchObject({
      exitCode: 0,
      errors: [],
      rowsInserted: sum(rows),
    });
    expect(numbersOf(foreseen)).toEqual(numbersOf(done));
    for (const table of Object.keys(rows))
      expect(await rowsOf(target, SCHEMA, table)).toEqual(await rowsOf(db, "public", table));
    expect((await run(["--workers", "3"])).document.stats).toMatchObject({ rowsInserted: 0, rowsExisting: sum(rows) });
  },
);
