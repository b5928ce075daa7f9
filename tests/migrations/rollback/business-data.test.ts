/** Batch 10 is taken back: what a copy inserted, what a sync changed and deleted; what others did since stays. */
import { describe, expect, test } from "@jest/globals";
import { withRunLock } from "../../../scripts/lib/db/lock.ts";
import { MustWait } from "../../../scripts/lib/errors.ts";
import { rowsOf } from "../../helpers/crm.ts";
import { makeOdd, makeSalon, runIn } from "../../helpers/salon.ts";
import { SCHEMA, useMoving } from "./business-data.ts";
import { psql, testWithPsql } from "./psql.ts";
import { fileOf, keptOf, rollBack } from "./rollback.ts";

const { source, target, copy, sync, guard, everything } = useMoving();

const statuses = async () => (await rowsOf(target, "migration_runs", "id")).map(({ status }) => status);

/** People, their pets, which each need the other, and what was said of them: triggers say when a row was touched. */
const DDL = `
  create table people (id int primary key, best int, name text, email text unique, touched int default 0);
  create table pets (id int primary key, owner int not null references people, name text);
  alter table people add constraint best foreign key (best) references pets;
  create table visits (pet int references pets on delete cascade, day date, note text, primary key (pet, day));
  create table tags (id int primary key, person int references people on delete restrict, friend int references people on delete set null);
  create function touch() returns trigger language plpgsql as $$ begin new.touched := new.touched + 1; return new; end $$;
  create trigger touch before insert or update on people for each row execute function touch();`;

const ROWS = `
  set constraints all deferred;
  alter table people disable trigger touch;
  alter table people drop constraint best;
  insert into people select i, nullif(i, 5), 'person ' || i, i || '@example.com' from generate_series(1, 100) i;
  insert into pets select i, i, 'pet ' || i from generate_series(1, 100) i;
  insert into visits select i, '2024-01-01', null from generate_series(1, 100) i;
  insert into tags select i, i, 101 - i from generate_series(1, 100) i`;

async function makeFamilies(): Promise<void> {
  await runIn(source, "public", DDL + ROWS);
  await runIn(target, SCHEMA, DDL);
}

const CHANGES = `
  update people set name = 'New ' || id, email = null where id <= 20;
  update pets set owner = 101 - id where id > 90;
  update visits set note = 'It''s "new", \\ and {odd}';
  delete from visits where pet in (5, 33);
  update people set best = null where best in (5, 33);
  delete from pets where id in (5, 33);
  insert into people values (200, null, 'added', 'new@example.com');
  insert into pets values (200, 200, 'added');`;

/** Person 201 has the address that person 6 had. */
const MORE_CHANGES = `
  update people set name = 'newer' where id < 9;
  delete from visits;
  delete from pets where id > 199;
  insert into people values (201, null, 'more', '6@example.com')`;

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
    await makeFamilies();
    const before = await everything();
    for (let run = 0; run < 2; run++) await copy(["--limit", "60"]);
    expect(await rowsOf(target, "migration_checkpoints", "1")).toHaveLength(1);
    expect(keptOf(await rollBack(target, 10))).toEqual([]);
    expect(await everything()).toEqual(before);
  });

  test("stays and is listed where somebody has changed it since, or refers to it; and goes once nobody does", async () => {
    await makeFamilies();
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
    await makeFamilies();
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
});

describe("What a sync changed and deleted", () => {
  test("comes back, and what it inserted goes", async () => {
    await makeFamilies();
    await copy();
    await target.query("delete from migration_effects; delete from migration_runs"); // these rows are not ours
    const before = await everything();
    await source.query(CHANGES);
    const { document } = await sync();
    expect(document.stats).toMatchObject({ rowsInserted: 2, rowsUpdated: 129, rowsDeleted: 4 });
    await source.query(MORE_CHANGES);
    await sync();
    expect(keptOf(await rollBack(target, 10))).toEqual([]);
    expect(await everything()).toEqual(before);
  });

  test("goes with the copy, where all runs are taken back", async () => {
    await makeFamilies();
    await runIn(target, SCHEMA, "insert into people values (3, null, 'was here', 'x', 7), (500, null, 'too', 'y', 8)");
    const before = await everything();
    await copy();
    await source.query(CHANGES);
    await sync();
    await source.query(MORE_CHANGES);
    await sync();
    expect(keptOf(await rollBack(target, 10))).toEqual([]);
    expect(await everything()).toEqual(before);
    expect(await statuses()).toEqual(["rolled_back", "rolled_back", "rolled_back"]);
  });

  test("comes back run by run: the last one first, then the copy", async () => {
    await makeFamilies();
    await runIn(target, SCHEMA, "insert into people values (3, null, 'was here', 'x', 7)");
    const states = [await everything()];
    const runs: (number | null)[] = [];
    const note = async ({ document }: { document: { runId: number | null } }) => {
      runs.push(document.runId);
      states.push({ ...(await everything()), migration_effects: [] });
    };
    await note(await copy());
    await source.query(CHANGES);
    await note(await sync());
    await source.query(MORE_CHANGES);
    await note(await sync());
    for (const index of [2, 1]) {
      expect(keptOf(await rollBack(target, 10, runs[index] ?? null))).toEqual([]);
      expect({ ...(await everything()), migration_effects: [] }).toEqual(states[index]);
    }
    expect(keptOf(await rollBack(target, 10, runs[0] ?? null))).toEqual([]);
    expect(await everything()).toEqual(states[0]);
  });

  test("stays with what a later run did to it, and all of it goes when that one is taken back, too", async () => {
    await makeFamilies();
    const before = await everything();
    const { document: first } = await copy();
    await source.query(CHANGES);
    const { document: second } = await sync();
    const kept = keptOf(await rollBack(target, 10, first.runId));
    expect(kept).toContainEqual([
      `"${SCHEMA}"."people"`,
      "rows",
      "21 of the copied rows were changed or deleted since; those that are there stay",
    ]);
    await rollBack(target, 10, second.runId);
    expect(keptOf(await rollBack(target, 10))).toEqual([]);
    expect(await everything()).toEqual(before);
  });

  test("stays where somebody has changed it since, has taken its place, or leaves it no room; each is listed", async () => {
    await makeFamilies();
    await copy();
    await target.query("delete from migration_effects; delete from migration_runs");
    await source.query(CHANGES);
    await sync();
    await runIn(
      target,
      SCHEMA,
      `
      update people set name = 'live' where id = 7;
      update people set email = '8@example.com' where id = 60;
      insert into pets values (33, 1, 'another')`,
    );
    const kept = keptOf(await rollBack(target, 10));
    expect(kept).toEqual([
      [`"${SCHEMA}"."people"`, '["7"]', "changed since"],
      [
        `"${SCHEMA}"."people"`,
        '["8"]',
        'the values before are refused: duplicate key value violates unique constraint "people_email_key"',
      ],
      [`"${SCHEMA}"."pets"`, '["33"]', "a sync deleted it, and somebody has made a row of this key since"],
    ]);
    const { rows } = await target.query(
      `select id, name, email from ${SCHEMA}.people where id in (6, 7, 8) order by id`,
    );
    expect(rows).toEqual([
      { id: 6, name: "person 6", email: "6@example.com" },
      { id: 7, name: "live", email: null },
      { id: 8, name: "New 8", email: null },
    ]);
    await runIn(target, SCHEMA, "update people set email = null where id = 60");
    expect((keptOf(await rollBack(target, 10)) as string[][]).map(([, key]) => key)).toEqual(['["7"]', '["33"]']);
  });

  test("comes back in every type", async () => {
    await makeOdd(source);
    await makeOdd(target, SCHEMA);
    const before = await everything();
    await runIn(
      source,
      "public",
      `
      update "every type" set tight = 'null', raw = '', amount = 1.5, texts = '{a,b,c}', home = null, spans = null, cash = 0, "char" = 'z',
                              local_time = '2025-11-09 10:00:00.000002', jsons = '{}', spot = null, loose = '{}', moods = null, words = null;
      delete from "every type" where id = (select max(id) from "every type");
      update chickens set egg_id = null; delete from eggs; delete from stays; delete from three_keys where company = 'a,b';
      delete from "Quoted ""Names"""; delete from bytea_keys; delete from numeric_keys; delete from time_keys;
      update employees set manager_id = null; delete from employees where id > 20`,
    );
    await sync();
    expect(keptOf(await rollBack(target, 10))).toEqual([]);
    expect(await everything()).toEqual(before);
  });
});

test("A preserved table is not written, and its guard is taken off, also where it belongs to a run that was killed", async () => {
  await makeFamilies();
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
  await makeFamilies();
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

testWithPsql("psql does the same, in whatever settings its session begins, and prints one table", async () => {
  await makeFamilies();
  const before = await everything();
  await copy();
  await source.query(CHANGES);
  await sync();
  const { exitCode, stdout, stderr } = await psql(target.url, fileOf(10, "rollback"), {
    PGTZ: "Asia/Kolkata",
    PGDATESTYLE: "German",
    PGOPTIONS: "-c extra_float_digits=-3 -c bytea_output=escape -c intervalstyle=iso_8601",
  });
  expect([exitCode, stderr]).toEqual([0, expect.stringMatching(/^psql:[^\n]*rolling back ALL runs of batch 10\n$/)]);
  expect(stdout.match(/^ table_name \| row_id \| reason $/gm)).toHaveLength(1);
  expect(stdout).toContain("(0 rows)");
  expect(await everything()).toEqual(before);
});
