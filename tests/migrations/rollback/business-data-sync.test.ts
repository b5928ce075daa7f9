/** Batch 10 is taken back: what a sync changed and deleted comes back, what it inserted goes; what others did since stays. */
import { expect, test } from "@jest/globals";
import { rowsOf } from "../../helpers/crm.ts";
import { makeOdd, runIn } from "../../helpers/salon.ts";
import { SCHEMA, useMoving } from "./business-data.ts";
import { CHANGES, MORE_CHANGES, makeFamilies } from "./families.ts";
import { psql, testWithPsql } from "./psql.ts";
import { fileOf, keptOf, rollBack } from "./rollback.ts";

const moving = useMoving();
const { source, target, copy, sync, everything } = moving;

const statuses = async () => (await rowsOf(target, "migration_runs", "id")).map(({ status }) => status);

test("What a sync did comes back, and what it inserted goes", async () => {
  await makeFamilies(moving);
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

test("What a sync did goes with the copy, where all runs are taken back", async () => {
  await makeFamilies(moving);
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

test("What a sync did comes back run by run: the last one first, then the copy", async () => {
  await makeFamilies(moving);
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

test("What a sync did stays with what a later run did to it, and all of it goes when that one is taken back, too", async () => {
  await makeFamilies(moving);
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

test("What a sync did stays where somebody has changed it since, has taken its place, or leaves it no room; each is listed", async () => {
  await makeFamilies(moving);
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
  const { rows } = await target.query(`select id, name, email from ${SCHEMA}.people where id in (6, 7, 8) order by id`);
  expect(rows).toEqual([
    { id: 6, name: "person 6", email: "6@example.com" },
    { id: 7, name: "live", email: null },
    { id: 8, name: "New 8", email: null },
  ]);
  await runIn(target, SCHEMA, "update people set email = null where id = 60");
  expect((keptOf(await rollBack(target, 10)) as string[][]).map(([, key]) => key)).toEqual(['["7"]', '["33"]']);
});

test("What a sync did comes back in every type", async () => {
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

testWithPsql("psql does the same, in whatever settings its session begins, and prints one table", async () => {
  await makeFamilies(moving);
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
