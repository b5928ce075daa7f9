/** What the database alone tells of each batch. */
import { describe, expect, test } from "@jest/globals";
import { BATCHES, batchOf } from "../../../scripts/lib/batches.ts";
import { readFacts } from "../../../scripts/lib/commands/state/facts.ts";
import { judge } from "../../../scripts/lib/commands/state/judge.ts";
import { readSituation, readStates } from "../../../scripts/lib/commands/state.ts";
import { withRunLock } from "../../../scripts/lib/db/lock.ts";
import { isBatchApplied } from "../../../scripts/lib/preflight.ts";
import { listFolders } from "../../../scripts/lib/schema/folders.ts";
import { type TestDatabase, useDatabase } from "../../helpers/database.ts";

const REST = { host: "here", pid: 1 };

/** The record of a run of batch 10, which has steps; the real ones are in state-runs.test.ts. */
const record = (db: TestDatabase, step: string, status: string) =>
  db.query(
    `insert into migration_runs (batch, script, mode, status, options, host, pid)
     values (10, 'migrate-business-data', 'write', $1, jsonb_build_object('step', $2::text), $3, $4)`,
    [status, step, REST.host, REST.pid],
  );

const stateOf = async (db: TestDatabase, number: number) =>
  (await readStates(db)).find(({ entry }) => entry.number === number);

describe("On an empty database", () => {
  const db = useDatabase({ empty: true });

  test("every batch is pending", async () => {
    const states = await readStates(db);
    expect(states.map(({ entry, state }) => [entry.number, state])).toEqual(
      BATCHES.map(({ number }) => [number, "pending"]),
    );
  });

  test("every batch is pending where the CRM's own tables are all there is", async () => {
    for (const table of ["Lead", "Job", "Audit"]) await db.query(`create table "${table}" (id uuid primary key)`);
    for (const { state } of await readStates(db)) expect(state).toBe("pending");
  });

  test("every batch is pending where the schema is still to be made", async () => {
    await db.query("drop schema public");
    for (const { state } of await readStates(db)) expect(state).toBe("pending");
  });
});

describe("On a database with every folder, as prisma migrate deploy leaves it", () => {
  const db = useDatabase();

  test("only the batches that folders apply are done", async () => {
    for (const { entry, state } of await readStates(db))
      expect([entry.number, state]).toEqual([entry.number, entry.kind === "schema" ? "done" : "pending"]);
  });

  test("a file that was changed since is named, by its checksum", async () => {
    await db.query("update _prisma_migrations set checksum = 'other' where migration_name like '%_fts_%'");
    const changed = (await readStates(db)).flatMap((batch) => batch.changed);
    expect(changed).toEqual(["20251108_add_fts_indexes"]);
  });

  test("a folder that was applied and is no batch's is named; so is a batch's that the tree lacks", async () => {
    await db.query(`insert into _prisma_migrations (id, checksum, finished_at, migration_name, applied_steps_count)
                    values ('x', 'x', now(), '20990101_somebody_elses', 1)`);
    expect((await readSituation(db)).strangers).toEqual(["20990101_somebody_elses"]);
    const folders = (await listFolders()).filter(({ name }) => name !== "20251107_create_schema");
    expect(judge(batchOf(1), await readFacts(db), folders).missing).toEqual(["20251107_create_schema"]);
  });

  test("a folder that began and did not end is stopped; one that was taken back is rolled back", async () => {
    const of = (column: string) =>
      db.query(`update _prisma_migrations set ${column} where migration_name = '20251108_add_fts_indexes'`);
    await of("finished_at = null");
    expect(await stateOf(db, 2)).toMatchObject({ state: "stopped", failed: ["20251108_add_fts_indexes"] });
    await of("rolled_back_at = now()");
    expect(await stateOf(db, 2)).toMatchObject({ state: "rolled_back", failed: [], applied: [] });
    await db.query("delete from _prisma_migrations where migration_name = '20251107_create_schema'");
    expect(await stateOf(db, 1)).toMatchObject({ state: "pending", applied: ["20251101_create_crm"] });
  });

  test("a batch of steps is applied by some of them only, and stopped by any that did not end", async () => {
    await record(db, "plan", "completed");
    expect(await stateOf(db, 10)).toMatchObject({ state: "pending", runs: 1 });
    expect(await isBatchApplied(db, batchOf(10))).toBe(false);
    await record(db, "schema", "failed");
    expect(await stateOf(db, 10)).toMatchObject({ state: "stopped", lastRun: { step: "schema" } });
    await record(db, "schema", "completed");
    expect(await stateOf(db, 10)).toMatchObject({ state: "pending" });
    await record(db, "copy", "interrupted");
    await record(db, "plan", "completed");
    expect(await stateOf(db, 10)).toMatchObject({ state: "stopped", lastRun: { step: "copy" } });
    await record(db, "copy", "completed");
    expect(await stateOf(db, 10)).toMatchObject({ state: "done" });
    expect(await isBatchApplied(db, batchOf(10))).toBe(true);
    await db.query("update migration_runs set status = 'rolled_back' where options ->> 'step' = 'copy'");
    expect(await stateOf(db, 10)).toMatchObject({ state: "rolled_back", rolledBackRuns: 2, runs: 6 });
  });

  test("a run is running while its lock is held, and dead as soon as nobody holds it", async () => {
    await withRunLock(db.address, "migrate-business-data", async () => {
      expect(await stateOf(db, 10)).toMatchObject({ state: "pending", lock: { application: "crm-migrations" } });
      await record(db, "copy", "running");
      expect(await stateOf(db, 10)).toMatchObject({ state: "running", lastRun: { step: "copy", pid: 1 } });
    });
    expect(await stateOf(db, 10)).toMatchObject({ state: "stopped", resumable: false });
  });

  test("a run that ends while one looks is not taken for dead", async () => {
    await record(db, "copy", "running");
    let looks = 0;
    const endsBetween: Pick<TestDatabase, "query"> = {
      query: async (sql, values) => {
        const answer = await db.query<never>(sql, values);
        if (/pg_locks/.test(sql) && looks++ === 0) await db.query("update migration_runs set status = 'completed'");
        return answer;
      },
    };
    const states = await readStates(endsBetween);
    expect([looks, states.find(({ entry }) => entry.number === 10)?.state]).toEqual([2, "done"]);
  });
});
