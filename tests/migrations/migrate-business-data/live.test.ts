/** A source that goes on, triggers that move, and a target where another run is at work. */
import { expect, test } from "@jest/globals";
import { withRunLock } from "../../../scripts/lib/db/lock.ts";
import { makeSalon, SALON_ROWS } from "../../helpers/salon.ts";
import { until } from "../../helpers/script.ts";
import { LONG_MS, NAME, SCHEMA, sum, useMove } from "./bed.ts";

const { source, target, run, expectEqual } = useMove();

const ALL = sum(SALON_ROWS);
const TABLES = Object.keys(SALON_ROWS).length;

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
    const { document, exitCode, text } = await moving;
    const judgements = document.subcommands?.filter(
      ({ stats }) => stats.differences !== undefined && stats.tablesVerified,
    );
    expect(judgements?.map(({ stats: { differences, tablesVerified } }) => ({ differences, tablesVerified }))).toEqual([
      { differences: 0, tablesVerified: TABLES },
      { differences: 1, tablesVerified: TABLES - 1 },
    ]);
    expect({ exitCode, ...document.stats }).toMatchObject({
      exitCode: 1,
      rowsInserted: ALL + 5,
      rowsUpdated: 1,
      differences: 1,
    });
    expect(text).toContain("actions: 1 row is not at the source; it stays without --delete-missing");
    expect(text).toContain("`sync` brings over");
    expect(await run("--delete-missing")).toMatchObject({
      exitCode: 0,
      document: { stats: { rowsDeleted: 1, tablesVerified: TABLES, differences: 0 } },
    });
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
    expect(await run("--functions")).toMatchObject({
      exitCode: 0,
      document: { stats: { rowsInserted: ALL, tablesVerified: TABLES, differences: 0 } },
    });
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
