/** A move that is killed or interrupted goes on where it was, and copies no page twice. */
import { beforeEach, expect, test } from "@jest/globals";
import { quoteName } from "../../../scripts/lib/db/quote.ts";
import { makeSalon, SALON_ROWS } from "../../helpers/salon.ts";
import { type Finished, startFile, startScript, until } from "../../helpers/script.ts";
import { LONG_MS, NAME, SCHEMA, sum, useMove } from "./bed.ts";

const { source, target, behindPostgrest, run, expectEqual } = useMove();

const ALL = sum(SALON_ROWS);
const TABLES = Object.keys(SALON_ROWS);
const INTO = ["--target-schema", SCHEMA];

beforeEach(() => makeSalon(source));

const killedAt = (fault: string, argv: readonly string[]): Promise<Finished> =>
  startFile(`scripts/migrations/${NAME}.ts`, [...argv, ...INTO], {
    url: target.url,
    env: { CRM_MIGRATIONS_FAULT: fault },
  }).ended;

async function rowsThere(): Promise<number> {
  const counts = TABLES.map((table) => `(select count(*) from ${SCHEMA}.${quoteName(table)})`);
  const { rows } = await target.query<{ count: number }>(`select (${counts.join(" + ")})::int as count`);
  return rows[0]?.count ?? 0;
}

/** Every row was written by a transaction that noted a page, and the notes count each row once. */
async function expectNotedOnce(): Promise<void> {
  const strays = TABLES.map(
    (table) =>
      `select '${table}' as name from ${SCHEMA}.${quoteName(table)} t
        where not exists (select from migration_effects e where e.xmin = t.xmin and e.action = 'copy')`,
  );
  expect((await target.query(strays.join(" union all "))).rows).toEqual([]);
}

test.each([
  ["page-stored:3", [], "Going on with copy"],
  ["page-committed:6", [], "Going on with copy"],
  ["stage-ended:2", [], "Going on with copy"],
  ["record:2", [], "Going on with copy"],
  ["page-stored:5", ["copy", "--workers", "1"], "Copy the rows"],
] as const)(
  "Killed at %s, the same command goes on behind the last page, and all is proven: %j",
  async (fault, argv, says) => {
    if (argv.length > 0) await makeSalon(target, SCHEMA, { rows: false });
    expect((await killedAt(fault, argv)).exitCode).toBe(137);
    const there = await rowsThere();
    const { exitCode, text, document } = await run(...argv);
    expect({ exitCode, text, ...document.stats }).toMatchObject({
      exitCode: 0,
      text: expect.stringContaining(says),
      rowsInserted: ALL - there,
      rowsExisting: 0,
    });
    await expectEqual();
    await expectNotedOnce();
    if (argv.length === 0) expect(document.stats).toMatchObject({ tablesVerified: TABLES.length, differences: 0 });
    const { rows } = await target.query("select status from migration_runs where status <> 'completed'");
    expect(rows).toEqual([{ status: "interrupted" }]);
    expect((await target.query("select from migration_checkpoints")).rows).toEqual([]);
  },
  LONG_MS,
);

test(
  "Ctrl-C ends after the page with 130, says how to go on, and the same command does",
  async () => {
    await makeSalon(target, SCHEMA, { rows: false });
    const service = await behindPostgrest({ maxRows: 100 });
    const slow = { when: ({ path }: { path: string }) => path.endsWith("/clients"), delayMs: 200, times: 1_000 };
    service.faults.push(slow);
    const argv = ["--json", ...INTO];
    const started = startScript(NAME, argv, { url: target.url });
    await until(async () => (await target.query(`select from ${SCHEMA}.clients`)).rowCount);
    started.signal("SIGINT");
    const { exitCode, stdout, stderr } = await started.ended;
    const there = await rowsThere();
    expect({ exitCode, status: JSON.parse(stdout).status }).toEqual({ exitCode: 130, status: "interrupted" });
    expect(stderr).toContain("Interrupted; run the same command again to go on.");
    expect(there).toBeLessThan(ALL);
    slow.times = 0;
    const { document, exitCode: code } = await run();
    expect({ code, ...document.stats }).toMatchObject({ code: 0, rowsInserted: ALL - there, rowsExisting: 0 });
    await expectEqual();
  },
  LONG_MS,
);
