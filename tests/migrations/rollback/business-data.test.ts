/** Batch 10 is taken back: what a copy inserted goes; what others did since stays. */
import { describe, expect, test } from "@jest/globals";
import pg from "pg";
import { withRunLock } from "../../../scripts/lib/db/lock.ts";
import { MustWait } from "../../../scripts/lib/errors.ts";
import { rowsOf } from "../../helpers/crm.ts";
import { makeOdd, makeSalon, runIn } from "../../helpers/salon.ts";
import { until } from "../../helpers/script.ts";
import { SCHEMA, useMoving } from "./business-data.ts";
import { makeFamilies } from "./families.ts";
import { keptOf, rollBack } from "./rollback.ts";

const moving = useMoving();
const { source, target, copy, guard, everything } = moving;

const statuses = async () => (await rowsOf(target, "migration_runs", "id")).map(({ status }) => status);

describe("What a copy inserted", () => {
  test.each(["salon", "odd"] as const)(
    "goes, every row of it and no other: %s schema, half of it there",
    async (kind) => {
      const make = kind === "salon" ? makeSalon : makeOdd;
      await make(source);
      await make(target, SCHEMA);
      const half =
        kind === "salon"
          ? "delete from actions; delete from messages where id < '80000000-0000-0000-0000-000000000000'; delete from staff_schedules where id > 9"
          : `delete from "every type"; delete from uuid_keys where id < '80000000-0000-0000-0000-000000000000'; delete from employees where id not in (select manager_id from employees where manager_id is not null); delete from no_key;
           delete from text_keys where code > 'a'; delete from stays; delete from three_keys; delete from "Quoted ""Names"""`;
      await runIn(target, SCHEMA, half);
      const before = await everything();
      const { document } = await copy();
      expect(document.stats.rowsInserted).toBeGreaterThan(10);
      const { notices, resultSets } = await rollBack(target, 10);
      expect([notices, resultSets]).toEqual([["rolling back ALL runs of batch 10"], [[]]]);
      expect(await everything()).toEqual(before);
      expect(await statuses()).toEqual(["rolled_back"]);
      expect((await copy()).document.stats).toEqual(document.stats);
    },
  );

  test("goes where the copy was stopped in the middle, with what it had put off", async () => {
    await makeFamilies(moving);
    const before = await everything();
    for (let run = 0; run < 2; run++) await copy(["--limit", "60"]);
    expect(await rowsOf(target, "migration_checkpoints", "1")).toHaveLength(1);
    expect(keptOf(await rollBack(target, 10))).toEqual([]);
    expect(await everything()).toEqual(before);
  });

  test("stays and is listed where somebody has changed it since, or refers to it; and goes once nobody does", async () => {
    await makeFamilies(moving);
    await runIn(target, SCHEMA, "create table guests (person int references people on delete cascade)");
    const before = await everything();
    await copy();
    await runIn(target, SCHEMA, "insert into guests values (9); update visits set note = 'live' where pet = 20");
    const lines = [
      [`"${SCHEMA}"."people"`, "rows", "2 rows are referred to by rows that stay"],
      [`"${SCHEMA}"."pets"`, "rows", "2 rows are referred to by rows that stay"],
    ];
    const changed = [
      `"${SCHEMA}"."visits"`,
      "rows",
      "1 of the copied rows were changed or deleted since; those that are there stay",
    ];
    expect(keptOf(await rollBack(target, 10))).toEqual([...lines, changed]);
    expect((await target.query(`select id from ${SCHEMA}.people order by id`)).rows).toEqual([{ id: 9 }, { id: 20 }]);
    // Twice is safe, and what was kept can be taken back later. What somebody has changed is theirs.
    expect(keptOf(await rollBack(target, 10))).toEqual(lines);
    await runIn(target, SCHEMA, "delete from guests; delete from visits");
    expect(keptOf(await rollBack(target, 10))).toEqual([]);
    expect(await everything()).toEqual(before);
  });

  test("is not known any more in a database that was restored from a dump: nothing goes, and all of it is listed", async () => {
    await makeFamilies(moving);
    await copy();
    const { rows } = await target.query(`select count(*)::int as count from ${SCHEMA}.people`);
    await target.query("update migration_effects set action = action");
    expect(keptOf(await rollBack(target, 10))).toContainEqual([
      `"${SCHEMA}"."visits"`,
      expect.stringContaining("range"),
      "the database was restored since, so that nothing tells which rows these are",
    ]);
    expect((await target.query(`select count(*)::int as count from ${SCHEMA}.people`)).rows).toEqual(rows);
  });

  test("is told apart in partitions, whose rows stand in the same places", async () => {
    await source.query(
      "create table days (day date primary key, note text); insert into days select date '2024-01-01' + i from generate_series(0, 19) i",
    );
    await runIn(
      target,
      SCHEMA,
      `
      create table days (day date primary key, note text) partition by range (day);
      create table january partition of days for values from ('2024-01-01') to ('2024-01-11');
      create table later partition of days default;
      insert into days select date '2024-01-01' + i, 'was here' from generate_series(0, 9) i`,
    );
    const before = await everything();
    expect((await copy()).document.stats).toMatchObject({ rowsInserted: 10, rowsExisting: 10 });
    expect(keptOf(await rollBack(target, 10))).toEqual([]);
    expect(await everything()).toEqual(before);
  });

  test("stays with a row that commits while the rollback waits for another one", async () => {
    await makeFamilies(moving);
    await runIn(target, SCHEMA, "create table guests (person int references people on delete cascade)");
    await copy();
    const holder = new pg.Client(target.url);
    await holder.connect();
    await holder.query(`begin; update ${SCHEMA}.people set name = 'live' where id = 50`);
    const rollback = rollBack(target, 10);
    await until(async () => {
      const waiting = "select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()";
      return (await target.query(waiting)).rows.length === 1;
    }, "a rollback that waits");
    await target.query(`insert into ${SCHEMA}.guests values (60)`);
    await holder.query("commit");
    await holder.end();
    expect(keptOf(await rollback)).toContainEqual([
      `"${SCHEMA}"."people"`,
      "rows",
      "1 of the copied rows were changed or deleted since; those that are there stay",
    ]);
    expect((await target.query("select * from moved.guests")).rows).toEqual([{ person: 60 }]);
    const { rows } = await target.query(`select id, name from ${SCHEMA}.people where id in (50, 60) order by id`);
    expect(rows).toEqual([
      { id: 50, name: "live" },
      { id: 60, name: "person 60" },
    ]);
  });
});

test("A preserved table is not written, and its guard is taken off, also where it belongs to a run that was killed", async () => {
  await makeFamilies(moving);
  await runIn(target, SCHEMA, "create table kept (person int); insert into kept values (1), (2)");
  const before = await everything();
  const placesOf = () => target.query(`select ctid, xmin, person from ${SCHEMA}.kept`);
  const places = (await placesOf()).rows;
  await guard("kept");
  await copy();
  expect(keptOf(await rollBack(target, 10))).toEqual([]);
  expect((await placesOf()).rows).toEqual(places);
  expect(await everything()).toEqual(before);
});

test("A rollback is refused while a run is at work, and for a run that is not this batch's", async () => {
  await makeFamilies(moving);
  await copy();
  const before = await everything();
  await withRunLock(target.address, "migrate-business-data", async () => {
    await expect(rollBack(target, 10)).rejects.toThrow(MustWait);
  });
  await expect(rollBack(target, 10, 4711)).rejects.toThrow(
    "backfill.run_id 4711 is not a run of migrate-business-data",
  );
  expect(await everything()).toEqual(before);
});
