/** `up`: how it goes on with what was killed, interrupted or stopped. */
import { expect, test } from "@jest/globals";
import { addBusyLeads, holdAt } from "../../helpers/audits.ts";
import { countRows, rowsOf } from "../../helpers/crm.ts";
import { useDatabase } from "../../helpers/database.ts";
import { startFile, until } from "../../helpers/script.ts";
import { deskOn } from "./desk.ts";

const db = useDatabase();
const BATCH_4 = "scripts/migrations/backfill-conversations-messages.ts";

const up = (...argv: string[]) => deskOn(db)("up", "--yes", ...argv);
const upAsJson = (...argv: string[]) => deskOn(db, { json: true })("up", "--yes", ...argv);

test.each([
  [["--chunk-size", "2"], 30],
  [["--chunk-size", "2", "--actors", "agent"], 15],
])("a run with %j that was killed goes on with the same options", async (argv, messages) => {
  await addBusyLeads(db, 15, 2);
  await up("--to", "3");
  const fault = { CRM_MIGRATIONS_FAULT: "page-committed:3" };
  const killed = await startFile(BATCH_4, [...argv, "--workers", "1"], { url: db.url, env: fault }).ended;
  expect(killed.exitCode).toBe(137);
  const stored = await countRows(db, "Message");
  const { exitCode, json, stderr } = await upAsJson("--to", "4");
  const [run] = (await rowsOf(db, "migration_runs", "id")).filter(({ batch }) => batch === 4);
  expect(stderr).toContain(`backfill-conversations-messages, goes on where run ${run?.id} stopped`);
  expect(json.message).toBe(undefined);
  expect([exitCode, json.applied[0].resumedFrom]).toEqual([0, Number(run?.id)]);
  expect(json.applied[0].stats.messagesCreated).toBe(messages - stored);
  expect(await countRows(db, "Message")).toBe(messages);
});

test("killed itself, it goes on", async () => {
  await addBusyLeads(db, 5, 4);
  const env = { CRM_MIGRATIONS_FAULT: "record:2" };
  const { exitCode } = await startFile("scripts/migrate.ts", ["up", "--yes"], { url: db.url, env }).ended;
  expect(exitCode).toBe(137);
  expect((await up()).exitCode).toBe(0);
  expect(await countRows(db, "Message")).toBe(20);
});

test("Ctrl-C ends it after the page, with 130, and the same command goes on", async () => {
  await addBusyLeads(db, 5, 4);
  const hold = await holdAt(db, "text 3");
  const run = startFile("scripts/migrate.ts", ["up", "--yes", "--json"], { url: db.url });
  await until(hold.reached);
  run.signal("SIGINT");
  await until(() => run.output().includes("Stopping"));
  await hold.letGo();
  const { exitCode, json } = await run.ended;
  expect([exitCode, json]).toEqual([130, expect.objectContaining({ exitCode: 130, notBegun: [5, 9] })]);
  expect((await up()).exitCode).toBe(0);
  expect(await countRows(db, "Message")).toBe(20);
});

test("a stopped run that costs money goes on only where its batch is named", async () => {
  await addBusyLeads(db, 1, 1);
  await up();
  const options = JSON.stringify({ classifier: "llm" });
  const { rows } = await db.query<{ id: string }>(
    `insert into migration_runs (batch, script, mode, status, options, stats, host, pid)
     values (9, 'classify-chats', 'write', 'interrupted', $1, '{}', 'h', 1) returning id`,
    [options],
  );
  const cursor = { stage: 0, after: null, until: null, done: false, selection: { classifier: "llm" }, firstRunId: 1 };
  await db.query(
    `insert into migration_checkpoints (script, partition, cursor, run_id, updated_at)
     values ('classify-chats', '1', $1, $2, now())`,
    [JSON.stringify(cursor), rows[0]?.id],
  );
  const { exitCode, lines } = await up();
  expect(exitCode).toBe(0);
  expect(lines.join(" ")).toContain("9 (was stopped with --classifier llm, which costs money).");
  const named = await upAsJson("--with", "9");
  expect([named.exitCode, named.json.message]).toEqual([2, expect.stringContaining("CLASSIFIER_")]);
});
