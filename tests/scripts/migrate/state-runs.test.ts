/** The states that runs leave behind: each is made by really running a batch. */
import { expect, test } from "@jest/globals";
import { readStates } from "../../../scripts/lib/commands/state.ts";
import { Interrupted } from "../../../scripts/lib/interrupts.ts";
import conversations from "../../../scripts/migrations/backfill-conversations-messages.ts";
import freshchatBatch from "../../../scripts/migrations/backfill-freshchat-messages.ts";
import tags from "../../../scripts/migrations/classify-chats.ts";
import { addBusyLeads, allowMessages, holdAt, refuseMessages } from "../../helpers/audits.ts";
import { useDatabase } from "../../helpers/database.ts";
import { runInProcess, startFile, until } from "../../helpers/script.ts";
import { messages } from "../../helpers/stand-ins/freshchat.ts";
import { addTalk, useFreshchat } from "../../migrations/backfill-freshchat-messages/test-bed.ts";
import { rollBack } from "../../migrations/rollback/rollback.ts";
import { deskOn } from "./desk.ts";

const FILE = "scripts/migrations/backfill-conversations-messages.ts";

const db = useDatabase();
const freshchat = useFreshchat();

const run = (...argv: string[]) => runInProcess(conversations, db, ["--workers", "1", ...argv]);

const stateOf = async (number = 4) => (await readStates(db)).find(({ entry }) => entry.number === number);

test("done, rolled back, and done again", async () => {
  await addBusyLeads(db, 2, 3);
  await run();
  expect(await stateOf()).toMatchObject({ state: "done", runs: 1, resumable: false, lastRun: { status: "completed" } });
  expect(await stateOf()).not.toHaveProperty("checkpoint");
  await rollBack(db, 4);
  expect(await stateOf()).toMatchObject({ state: "rolled_back", rolledBackRuns: 1 });
  await run();
  expect(await stateOf()).toMatchObject({ state: "done", runs: 2, rolledBackRuns: 1, lastRun: { id: 2 } });
});

test("a dry run changes nothing of it", async () => {
  await addBusyLeads(db, 2, 3);
  await run("--dry-run");
  expect(await stateOf()).toMatchObject({ state: "pending", runs: 0 });
});

test("done, though the newest of two runs was rolled back", async () => {
  await addBusyLeads(db, 2, 3);
  await run();
  await addBusyLeads(db, 1, 1);
  const { document } = await run();
  await rollBack(db, 4, document.runId);
  expect(await stateOf()).toMatchObject({ state: "done", rolledBackRuns: 1, lastRun: { status: "rolled_back" } });
});

test("stopped at --limit: the checkpoint waits, also where the run completed; the next run ends it", async () => {
  await addBusyLeads(db, 5, 3);
  await run("--limit", "2");
  expect(await stateOf()).toMatchObject({
    state: "stopped",
    resumable: true,
    lastRun: { status: "completed", progress: { done: 6, total: 15 } },
    checkpoint: { runId: 1, parts: 1 },
  });
  await run();
  expect(await stateOf()).toMatchObject({ state: "done", resumable: false });
});

test("stopped, where only one lead was looked at, or only the quarantine; a whole run ends it", async () => {
  await addBusyLeads(db, 2, 3);
  const { rows } = await db.query<{ id: string }>(`select id from "Lead" limit 1`);
  await run("--retry-errors");
  expect(await stateOf()).toMatchObject({ state: "stopped", resumable: false, runs: 1 });
  await run("--lead", rows[0]?.id ?? "");
  expect(await stateOf()).toMatchObject({ state: "stopped", resumable: false, lastRun: { id: 2, partial: true } });
  const { document } = await run();
  expect(await stateOf()).toMatchObject({ state: "done", runs: 3 });
  await run("--lead", rows[0]?.id ?? "");
  expect(await stateOf()).toMatchObject({ state: "done", runs: 4, lastRun: { id: 4 } });
  await rollBack(db, 4, document.runId);
  expect(await stateOf()).toMatchObject({ state: "stopped", rolledBackRuns: 1, lastRun: { id: 4 } });
  await rollBack(db, 4);
  expect(await stateOf()).toMatchObject({ state: "rolled_back" });
});

test("stopped, where only some channels were looked at; a whole run ends it", async () => {
  await addBusyLeads(db, 2, 3);
  await run();
  await runInProcess(tags, db, ["--channel", "sms,email"]);
  expect(await stateOf(9)).toMatchObject({ state: "stopped", resumable: false, lastRun: { partial: true } });
  const { lines } = await deskOn(db)("up", "--yes");
  expect(lines.filter((line) => /^ {2}9 /.test(line))).toEqual(["  9 classify-chats (stopped)"]);
  expect(await stateOf(9)).toMatchObject({ state: "done", runs: 2, lastRun: { partial: false } });
  await runInProcess(tags, db, ["--channel", "sms"]);
  expect(await stateOf(9)).toMatchObject({ state: "done", runs: 3 });
});

test("in quarantine, until the items are stored", async () => {
  await addBusyLeads(db, 2, 3);
  await refuseMessages(db, "text 2");
  await run();
  expect(await stateOf()).toMatchObject({ state: "quarantine", quarantined: 2 });
  await allowMessages(db);
  await run("--retry-errors");
  expect(await stateOf()).toMatchObject({ state: "done", quarantined: 0 });
});

test("stopped, where a page failed as a whole", async () => {
  await addBusyLeads(db, 1, 30);
  await refuseMessages(db, "text");
  await run();
  expect(await stateOf()).toMatchObject({ state: "stopped", lastRun: { status: "failed" } });
  expect((await stateOf())?.lastRun?.error).toMatch(/no_bad_words/);
});

test("stopped, where it was interrupted", async () => {
  await addBusyLeads(db, 5, 3);
  const stop = new AbortController();
  stop.abort(new Interrupted("SIGINT"));
  await runInProcess(conversations, db, [], stop.signal);
  expect(await stateOf()).toMatchObject({ state: "stopped", lastRun: { status: "interrupted" } });
});

test("stopped until a time that the service named", async () => {
  await addTalk(db, freshchat, "c1", messages("c1", 120));
  freshchat.faults.push({
    when: ({ query }) => query.has("from_time"),
    answer: { status: 429, headers: { "retry-after": "600" }, body: {} },
  });
  await runInProcess(freshchatBatch, db);
  const state = await stateOf(7);
  expect(state).toMatchObject({ state: "stopped", resumable: true, lastRun: { status: "waiting" } });
  expect(Date.parse(state?.waitsUntil ?? "") - Date.now()).toBeGreaterThan(500_000);
});

test("running while it works, running while it hangs, stopped and resumable once it is killed", async () => {
  await addBusyLeads(db, 20, 3);
  const hold = await holdAt(db, "text 3");
  const fault = { CRM_MIGRATIONS_FAULT: "page-committed:2:stop" };
  const started = startFile(FILE, ["--workers", "1", "--chunk-size", "4"], { url: db.url, env: fault });
  await until(hold.reached);
  expect(await stateOf()).toMatchObject({ state: "running", lastRun: { status: "running", pid: started.pid() } });
  await hold.letGo();
  await until(async () => (await stateOf())?.checkpoint !== undefined);
  expect(await stateOf()).toMatchObject({ state: "running", resumable: false });
  started.signal("SIGKILL");
  await started.ended;
  await until(async () => (await stateOf())?.state === "stopped");
  expect(await stateOf()).toMatchObject({ resumable: true, lastRun: { status: "running" } });
  await run();
  expect(await stateOf()).toMatchObject({ state: "done", runs: 2 });
});
