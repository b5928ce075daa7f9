import { expect, test } from "@jest/globals";
import pg from "pg";
import batch from "../../../scripts/migrations/backfill-customers.ts";
import { addLead } from "../../helpers/crm.ts";
import { useDatabase } from "../../helpers/database.ts";
import { numbersOf, runInProcess, startScript, until } from "../../helpers/script.ts";
import { rollBack } from "../rollback/rollback.ts";
import { addOverlappingCrm } from "./overlapping.ts";
import { inPagesOf } from "./pages.ts";

const db = useDatabase();

const SEEDS = Array.from({ length: 8 }, (_, index) => index + 1);

/** The rows that people see; the effects carry the run's number. */
const rows = () => db.snapshot({ tables: ["migration_effects"] });

test.each(SEEDS)("dry run, run, second run, rollback and a run in steps agree on the random CRM %i", async (seed) => {
  await addOverlappingCrm(db, seed);
  const untouched = await db.snapshot();
  const dry = await runInProcess(batch, db, ["--dry-run"]);
  const real = await runInProcess(inPagesOf(1 + (seed % 6)), db);
  expect(numbersOf(dry)).toEqual(numbersOf(real));
  const linked = await rows();

  const again = await runInProcess(batch, db);
  expect(again).toMatchObject({
    exitCode: 0,
    document: { stats: { leadsLinked: 0, jobsLinked: 0, customersCreated: 0 } },
  });
  expect(await rows()).toEqual(linked);

  const { resultSets } = await rollBack(db, 3);
  expect(resultSets).toEqual([[]]);
  expect(await db.snapshot()).toEqual(untouched);

  for (let steps = 0; steps === 0 || (await waiting()); steps += 1) {
    const limit = ["--limit", String(1 + ((seed + steps) % 7))];
    const rehearsal = await runInProcess(batch, db, [...limit, "--dry-run"]);
    expect(numbersOf(rehearsal)).toEqual(numbersOf(await runInProcess(inPagesOf(1 + (seed % 3)), db, limit)));
  }
  expect(await rows()).toEqual(linked);
});

const waiting = async () => (await db.query("select from migration_checkpoints")).rows.length > 0;

test("a run that was killed between two passes goes on, and ends as one that nothing disturbed", async () => {
  await addOverlappingCrm(db, 77);
  const blocking = await addLead(db, { phone: "5550100009" });
  const untouched = await db.snapshot();
  await runInProcess(batch, db);
  const linked = await rows();
  await rollBack(db, 3);
  expect(await db.snapshot()).toEqual(untouched);

  const holder = new pg.Client(db.url);
  await holder.connect();
  await holder.query("begin");
  await holder.query('select from "Lead" where id = $1 for update', [blocking]);
  const run = startScript("backfill-customers", [], { url: db.url });
  await until(
    async () =>
      (await db.query("select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"))
        .rows.length > 0,
  );
  run.signal("SIGKILL");
  await run.ended;
  await holder.end();
  expect((await db.query('select from "Lead" where customer_id is not null')).rows.length).toBeGreaterThan(0);
  const resumed = await until(async () =>
    runInProcess(batch, db).catch((error) => (error.name === "MustWait" ? undefined : Promise.reject(error))),
  );
  expect(resumed).toMatchObject({ exitCode: 0, document: { resumedFrom: expect.any(Number) } });
  expect(await rows()).toEqual(linked);
});
