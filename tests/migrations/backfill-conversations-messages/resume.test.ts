import { expect, test } from "@jest/globals";
import batch from "../../../scripts/migrations/backfill-conversations-messages.ts";
import { addAudit, addAudits, addBusyLeads, holdAt } from "../../helpers/audits.ts";
import { addLead, countRows } from "../../helpers/crm.ts";
import { useDatabase } from "../../helpers/database.ts";
import { runInProcess, startScript, until } from "../../helpers/script.ts";

const NAME = "backfill-conversations-messages";
const db = useDatabase();

/** What an undisturbed run leaves, then as it was before. */
async function undisturbed(argv: readonly string[] = []) {
  await runInProcess(batch, db, argv);
  const { Conversation, Message } = await db.snapshot();
  await db.query('truncate "Conversation", "Message", migration_effects, migration_runs cascade');
  return { Conversation, Message };
}

const runs = async () =>
  (await db.query("select id, status, finished_at = heartbeat_at as at_last_heartbeat from migration_runs order by id"))
    .rows;

const auditRowsOf = async (runId: unknown) =>
  (await db.query("select 1 from \"Audit\" where actor = 'system' and payload ->> 'runId' = $1", [String(runId)]))
    .rowCount;

const storedThen = (state: object) => expect(db.snapshot()).resolves.toMatchObject(state);

test("a run that was killed goes on from its last page, and ends as if nothing had happened", async () => {
  await addBusyLeads(db, 20, 10);
  await addAudits(db, await addLead(db, { id: "80000000-0000-4000-8000-000000000000" }), 100);
  const state = await undisturbed();
  const hold = await holdAt(db, "text 50");
  const killed = startScript(NAME, ["--chunk-size", "8"], { url: db.url });
  await until(hold.reached);
  killed.signal("SIGKILL");
  await killed.ended;
  await hold.letGo();
  const stored = await countRows(db, "Message");
  const { document, exitCode } = await runInProcess(batch, db, ["--chunk-size", "8"]);
  const dead = document.resumedFrom;
  expect(exitCode).toBe(0);
  expect(stored).toBeGreaterThan(0);
  expect(document.stats.messagesCreated).toBe(300 - stored);
  await storedThen(state);
  expect(await runs()).toMatchObject([
    { id: String(dead), status: "interrupted", at_last_heartbeat: true },
    { id: String(document.runId), status: "completed" },
  ]);
  expect(await auditRowsOf(dead)).toBe(1);
  expect(await auditRowsOf(document.runId)).toBe(1);
  expect(await countRows(db, "migration_checkpoints")).toBe(0);
});

test("a worker that wakes up after its lease was taken writes nothing more", async () => {
  await addAudits(db, await addLead(db), 30);
  const hold = await holdAt(db, "text 15");
  const stalled = runInProcess(batch, db, ["--chunk-size", "10"]);
  await until(hold.reached);
  await db.query("update migration_checkpoints set run_id = 999999");
  await hold.letGo();
  const { document, exitCode } = await stalled;
  expect(document).toMatchObject({ status: "failed", stats: { messagesCreated: 10 } });
  expect(document.message).toMatch(/Another run has taken over/);
  expect(exitCode).toBe(1);
  expect(await countRows(db, "Message")).toBe(10);
  expect((await db.query("select distinct run_id from migration_checkpoints")).rows).toEqual([{ run_id: "999999" }]);
});

test("--limit again and again ends in the state of one run, and says each time what is left", async () => {
  await addBusyLeads(db, 10, 7);
  const state = await undisturbed();
  const left: number[] = [];
  for (let round = 0; round < 4; round++) {
    const { output, exitCode, document } = await runInProcess(batch, db, ["--limit", "3", "--chunk-size", "5"]);
    expect(exitCode).toBe(0);
    expect(document.stats.conversationsCreated).toBe(round < 3 ? 3 : 1);
    left.push(Number(/Stopped at --limit, (\d+) left/.exec(output)?.[1] ?? 0));
    expect(await countRows(db, "migration_checkpoints")).toBe(round < 3 ? 1 : 0);
  }
  expect(left).toEqual([49, 28, 7, 0]);
  await storedThen(state);
});

test("a limit that is just enough completes", async () => {
  await addBusyLeads(db, 3, 2);
  expect((await runInProcess(batch, db, ["--limit", "3"])).output).toMatch(/^Completed/m);
  expect(await countRows(db, "migration_checkpoints")).toBe(0);
});

test("a checkpoint of other options is refused, by a dry run, too; --restart begins anew", async () => {
  await addBusyLeads(db, 3, 2);
  await runInProcess(batch, db, ["--limit", "1"]);
  for (const argv of [
    ["--actors", "agent"],
    ["--actors", "agent", "--dry-run"],
  ])
    await expect(runInProcess(batch, db, argv)).rejects.toThrow(
      /has not ended; it was started with --actors customer,.* this one with --actors agent\. .*--restart/,
    );
  const { document } = await runInProcess(batch, db, ["--restart"]);
  expect(document).not.toHaveProperty("resumedFrom");
  expect(document.stats).toMatchObject({ auditsProcessed: 6, messagesCreated: 4, messagesSkipped: 2 });
  expect(await countRows(db, "migration_checkpoints")).toBe(0);
});

test("the same actors in another order are the same options", async () => {
  await addBusyLeads(db, 3, 2);
  await runInProcess(batch, db, ["--limit", "1", "--actors", "agent,customer"]);
  const { document } = await runInProcess(batch, db, ["--actors", "customer, agent,agent"]);
  expect(document.stats).toMatchObject({ auditsProcessed: 4, messagesCreated: 4 });
});

test("a run in which the counts do not add up to the items fails, and says so", async () => {
  await addAudit(db, await addLead(db));
  const miscounting: typeof batch = {
    ...batch,
    apply: async (...args) => ({ ...(await batch.apply(...args)), fetched: 2 }),
  };
  const { document, exitCode } = await runInProcess(miscounting, db);
  expect(document).toMatchObject({ status: "failed", message: expect.stringContaining("The sum does not close") });
  expect(exitCode).toBe(1);
});

test("a lock session that the server ends is replaced, and the run goes on", async () => {
  await addAudits(db, await addLead(db), 30);
  const hold = await holdAt(db, "text 15");
  const run = runInProcess(batch, db, ["--chunk-size", "10"]);
  await until(hold.reached);
  const holders = `select pid from pg_locks
                    where locktype = 'advisory' and granted and objsubid = 1 and objid <> 4711
                      and database = (select oid from pg_database where datname = current_database())`;
  const [before] = (await db.query(holders)).rows;
  await db.query("select pg_terminate_backend($1)", [before?.pid]);
  await until(async () => (await db.query(holders)).rows.some(({ pid }) => pid !== before?.pid));
  await hold.letGo();
  expect(await run).toMatchObject({ exitCode: 0, document: { stats: { messagesCreated: 30 } } });
});
