/** Ctrl-C while a command waits for what somebody has locked. */
import { beforeEach, expect, test } from "@jest/globals";
import pg from "pg";
import conversations from "../../../scripts/migrations/backfill-conversations-messages.ts";
import customers from "../../../scripts/migrations/backfill-customers.ts";
import { addBusyLeads } from "../../helpers/audits.ts";
import { useDatabase } from "../../helpers/database.ts";
import { runInProcess, startFile, until } from "../../helpers/script.ts";

/** Sessions of this database that wait for a lock on a table. */
const WAITING = `
  select 1
    from pg_locks
   where not granted
     and relation is not null
     and database = (select oid from pg_database where datname = current_database())`;

const db = useDatabase();

beforeEach(async () => {
  await addBusyLeads(db, 2, 3);
  await runInProcess(customers, db);
  await runInProcess(conversations, db);
});

test.each([
  ["status", "migration_runs"],
  ["status", '"Message"'],
  ["runs", "migration_runs"],
  ["show 2", "migration_effects"],
  ["errors", "migration_errors"],
  ["rollback 4 --yes", "migration_runs"],
  ["up --yes", "migration_runs"],
  ["up --yes", '"Message"'],
])("%s ends at once with 130, waiting for %s", async (command, table) => {
  const before = await db.snapshot();
  const holder = new pg.Client(db.url);
  await holder.connect();
  try {
    await holder.query(`begin; lock table ${table} in access exclusive mode`);
    const started = startFile("scripts/migrate.ts", command.split(" "), { url: db.url });
    await until(async () => (await db.query(WAITING)).rowCount, "the lock to be waited for");
    started.signal("SIGINT");
    const { exitCode, stderr } = await started.ended;
    expect([exitCode, stderr]).toEqual([130, "Interrupted by SIGINT.\n"]);
  } finally {
    await holder.end();
  }
  expect(await db.snapshot()).toEqual(before);
});
