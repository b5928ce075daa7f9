import { expect, test } from "@jest/globals";
import { type Database, withDatabase } from "../../../scripts/lib/db/database.ts";
import { beat, closeDeadRuns, finishRun, hasJournal, startRun } from "../../../scripts/lib/journal/runs.ts";
import { rowsOf } from "../../helpers/crm.ts";
import { useDatabase } from "../../helpers/database.ts";

const db = useDatabase();

const onDatabase = <T>(work: (database: Database) => Promise<T>) => withDatabase(db.address, {}, work);
const started = (database: Database, script = "backfill-customers") =>
  startRun(database, { batch: 3, script, options: { limit: 5 } });
const auditRows = async () =>
  (await rowsOf(db, "Audit")).map(({ action, payload }) => [action, payload.runId, payload.stats]);

test("a run is recorded when it begins, and with its Audit row when it ends", async () => {
  await onDatabase(async (database) => {
    const run = await started(database);
    await beat(database, run, { created: 1 }, { done: 5 });
    const [during] = await rowsOf(db, "migration_runs", "id");
    expect(during).toMatchObject({ status: "running", mode: "write", options: { limit: 5 }, stats: { created: 1 } });
    expect(during?.progress).toEqual({ done: 5 });
    expect(during).toMatchObject({ pid: process.pid, finished_at: null });
    expect(await finishRun(database, run, { status: "completed", stats: { created: 2 }, progress: { done: 9 } })).toBe(
      true,
    );
    expect(await rowsOf(db, "migration_runs", "id")).toMatchObject([
      { status: "completed", stats: { created: 2 }, progress: { done: 9 }, error: null },
    ]);
    expect(await auditRows()).toEqual([["backfill_customers", run.id, { created: 2 }]]);
  });
});

test("runs that died are closed once, with what their last heartbeat said; other scripts' are left alone", async () => {
  await onDatabase(async (database) => {
    const dead = await started(database);
    await beat(database, dead, { created: 7 }, { done: 5 });
    const other = await started(database, "backfill-conversations-messages");
    expect(await closeDeadRuns(database, "backfill-customers")).toBe(1);
    expect(await closeDeadRuns(database, "backfill-customers")).toBe(0);
    const runs = await rowsOf(db, "migration_runs", "id");
    expect(runs).toMatchObject([{ status: "interrupted" }, { status: "running", id: String(other.id) }]);
    expect(runs[0]?.finished_at).toEqual(runs[0]?.heartbeat_at);
    expect(await auditRows()).toEqual([["backfill_customers", dead.id, { created: 7 }]]);
  });
});

test("a run that was closed by a later one can neither end nor beat any more, and adds no second Audit row", async () => {
  await onDatabase(async (database) => {
    const run = await started(database);
    await closeDeadRuns(database, run.script);
    await beat(database, run, { created: 9 }, { done: 5 });
    expect(await finishRun(database, run, { status: "completed", stats: {}, progress: {} })).toBe(false);
    expect(await rowsOf(db, "migration_runs", "id")).toMatchObject([{ status: "interrupted", stats: {} }]);
    expect(await auditRows()).toHaveLength(1);
  });
});

test("whether there is a journal at all", async () => {
  expect(await hasJournal(db)).toBe(true);
  await db.query("drop table migration_runs cascade");
  expect(await hasJournal(db)).toBe(false);
});
