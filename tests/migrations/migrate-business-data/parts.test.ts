/** A move in parts: to what is half there already, as far as a limit, and anew. */
import { beforeEach, expect, test } from "@jest/globals";
import { quoteName } from "../../../scripts/lib/db/quote.ts";
import { makeSalon, SALON_ROWS } from "../../helpers/salon.ts";
import { LONG_MS, SCHEMA, sum, useMove } from "./bed.ts";

const { source, target, run, expectEqual } = useMove();

const ALL = sum(SALON_ROWS);
const TABLES = Object.keys(SALON_ROWS);

beforeEach(() => makeSalon(source));

async function rowsThere(): Promise<number> {
  const counts = TABLES.map((table) => `(select count(*) from ${SCHEMA}.${quoteName(table)})`);
  const { rows } = await target.query<{ count: number }>(`select (${counts.join(" + ")})::int as count`);
  return rows[0]?.count ?? 0;
}

test("A target that holds half of the rows gets the others", async () => {
  await makeSalon(target, SCHEMA);
  await target.query(`delete from ${SCHEMA}.messages where id in (select id from ${SCHEMA}.messages order by id limit 105);
                      delete from ${SCHEMA}.staff_schedules where id % 2 = 0;
                      delete from ${SCHEMA}.actions`);
  const there = await rowsThere();
  const { exitCode, document } = await run();
  expect({ exitCode, ...document.stats }).toMatchObject({
    exitCode: 0,
    rowsInserted: ALL - there,
    rowsExisting: there,
    tablesVerified: TABLES.length,
  });
  await expectEqual();
});

test(
  "A move that --limit stopped is taken up by the same command; with other tables it is refused, or begun anew",
  async () => {
    const limited = await run("--limit", "30");
    const there = await rowsThere();
    expect(limited).toMatchObject({ exitCode: 0, document: { stats: { rowsInserted: there, tablesVerified: 0 } } });
    expect(limited.document.subcommands).toHaveLength(3);
    // So many of each table; those behind others wait until these are whole.
    expect(there).toBe(30 + 30 + 1);
    for (const argv of [
      ["copy", "--tables", "clients"],
      ["--tables", "clients"],
      ["sync"],
      ["copy", "--preserve", "staff"],
    ]) {
      const { exitCode, text, document } = await run(...argv);
      expect({ argv, exitCode, status: document.status }).toEqual({ argv, exitCode: 2, status: "failed" });
      expect(text).toMatch(
        /^Run \d+ has not ended; it was started with copy --target-schema salon, this one with .*--restart/m,
      );
    }
    expect(await rowsThere()).toBe(there);
    const { document } = await run("copy");
    expect(document).toMatchObject({
      resumedFrom: limited.document.runId,
      stats: { rowsInserted: ALL - there, rowsExisting: 0 },
    });
    await expectEqual();
  },
  LONG_MS,
);

test(
  "--restart begins anew: what is there already is counted as such",
  async () => {
    await run("--limit", "30");
    const there = await rowsThere();
    const { exitCode, document } = await run("--restart", "--tables", "clients,companies");
    const rows = SALON_ROWS.clients + SALON_ROWS.companies;
    expect({ exitCode, ...document.stats }).toMatchObject({
      exitCode: 0,
      tables: 2,
      rowsRead: rows,
      tablesVerified: 2,
    });
    expect(document.stats.rowsInserted).toBe((await rowsThere()) - there);
  },
  LONG_MS,
);
