/** Ctrl-C while a command waits for what somebody has locked. */
import { beforeEach, expect, test } from "@jest/globals";
import pg from "pg";
import conversations from "../../../scripts/migrations/backfill-conversations-messages.ts";
import customers from "../../../scripts/migrations/backfill-customers.ts";
import { addBusyLeads } from "../../helpers/audits.ts";
import { useDatabase } from "../../helpers/database.ts";
import { runInProcess, startFile, until } from "../../helpers/script.ts";

/** Sessions of this database that wait for another. */
const WAITING = "select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()";

const db = useDatabase();

beforeEach(async () => {
  await addBusyLeads(db, 2, 3);
  await runInProcess(customers, db);
  await runInProcess(conversations, db);
});

const table = (name: string): string => `lock table ${name} in access exclusive mode`;

test.each([
  ["status", table("migration_runs")],
  ["status", table('"Message"')],
  ["verify 4", table('"Message"')],
  ["runs", table("migration_runs")],
  ["show 2", table("migration_effects")],
  ["errors", table("migration_errors")],
  ["rollback 4 --yes", table("migration_runs")],
  ["rollback 4 --yes", 'select from "Conversation" for update'],
  ["rollback 4 --dry-run", 'select from "Conversation" for update'],
  ["up --yes", table("migration_runs")],
  ["up --yes", table('"Message"')],
])("%s ends at once with 130, and changes nothing: %s", async (command, holding) => {
  const before = await db.snapshot();
  const holder = new pg.Client(db.url);
  await holder.connect();
  try {
    await holder.query(`begin; ${holding}`);
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
