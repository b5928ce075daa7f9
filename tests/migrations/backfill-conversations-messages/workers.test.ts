import { expect, test } from "@jest/globals";
import batch from "../../../scripts/migrations/backfill-conversations-messages.ts";
import { addAudits, addBusyLeads, holdAt, refuseMessages } from "../../helpers/audits.ts";
import { addLead, countRows, rowsOf } from "../../helpers/crm.ts";
import { useDatabase } from "../../helpers/database.ts";
import { numbersOf, runInProcess, startScript, until } from "../../helpers/script.ts";
import { rollBack } from "../rollback/rollback.ts";

const NAME = "backfill-conversations-messages";
const db = useDatabase();

const run = (...argv: string[]) => runInProcess(batch, db, argv);
const small = (workers: number) => run("--workers", String(workers), "--chunk-size", "10");

/** All tables; effects without the numbers that a sequence gave them. */
const state = () => db.snapshot({ keys: ["created_at"], tables: ["migration_effects"] });

test.each([2, 3, 5])("%d workers leave the same rows as one, and count the same", async (workers) => {
  await addBusyLeads(db, 60, 9);
  await addAudits(db, await addLead(db), 150);
  const alone = await small(1);
  const expected = await state();
  await rollBack(db, 4);
  const together = await small(workers);
  expect(numbersOf(together)).toEqual(numbersOf(alone));
  expect(await state()).toEqual(expected);
  expect(await countRows(db, "migration_checkpoints")).toBe(0);
});

test("while one worker waits for a lock, the others store what lies in their parts", async () => {
  await addBusyLeads(db, 40, 10);
  await addAudits(db, await addLead(db, { id: "00000000-0000-4000-8000-000000000001" }), 1, { everySecond: 7 });
  const hold = await holdAt(db, "text 1");
  await db.query(
    `update "Audit" set payload = '{"text": "other"}' where lead_id <> '00000000-0000-4000-8000-000000000001'`,
  );
  const running = small(2);
  await until(hold.reached);
  await until(async () => (await countRows(db, "Message")) >= 100);
  const parts = await rowsOf(db, "migration_checkpoints", "partition");
  expect(parts.length).toBeGreaterThan(1);
  const [held] = parts;
  expect(held?.cursor.after.leadId).toBe("00000000-0000-0000-0000-000000000000");
  await hold.letGo();
  expect(await running).toMatchObject({ exitCode: 0, document: { stats: { messagesCreated: 401 } } });
});

test.each([
  { before: 3, after: 1 },
  { before: 1, after: 3 },
])("$after workers go on where $before were killed", async ({ before, after }) => {
  await addBusyLeads(db, 60, 9);
  await addAudits(db, await addLead(db, { id: "80000000-0000-4000-8000-000000000000" }), 100);
  await small(1);
  const expected = await state();
  await rollBack(db, 4);
  const hold = await holdAt(db, "text 50");
  const killed = startScript(NAME, ["--workers", String(before), "--chunk-size", "10"], { url: db.url });
  await until(hold.reached);
  await until(async () => (await countRows(db, "Message")) >= 100);
  killed.signal("SIGKILL");
  await killed.ended;
  await hold.letGo();
  const stored = await countRows(db, "Message");
  const dry = await run("--dry-run");
  const rest = await small(after);
  expect(rest.document.resumedFrom).toBeDefined();
  expect(rest.document.stats.messagesCreated).toBe(640 - stored);
  expect(numbersOf(dry)).toEqual(numbersOf(rest));
  await db.query('drop trigger wait_for_test on "Message"');
  expect(await state()).toEqual(expected);
});

test("--limit counts its leads over the parts that several workers have left", async () => {
  await addBusyLeads(db, 30, 9);
  await addAudits(db, await addLead(db, { id: "80000000-0000-4000-8000-000000000000" }), 100);
  const hold = await holdAt(db, "text 50");
  const killed = startScript(NAME, ["--workers", "3", "--chunk-size", "10"], { url: db.url });
  await until(hold.reached);
  await until(async () => (await countRows(db, "migration_checkpoints")) >= 3);
  killed.signal("SIGKILL");
  await killed.ended;
  await hold.letGo();
  for (;;) {
    const before = await countRows(db, "Conversation");
    const dry = await run("--dry-run", "--limit", "4");
    const step = await run("--limit", "4");
    expect(numbersOf(dry)).toEqual(numbersOf(step));
    const { conversationsCreated = 0, conversationsSkipped = 0 } = step.document.stats;
    expect(await countRows(db, "Conversation")).toBe(before + conversationsCreated);
    if (/^Completed/m.test(step.output)) break;
    expect(conversationsCreated + conversationsSkipped).toBeGreaterThan(0);
    expect(conversationsCreated).toBeLessThanOrEqual(4);
  }
  expect([await countRows(db, "Conversation"), await countRows(db, "Message")]).toEqual([31, 370]);
});

test("a worker that fails stops the others after their pages, and says what it was", async () => {
  await addBusyLeads(db, 60, 9);
  await refuseMessages(db, "text [1-9]");
  const { document, exitCode } = await run("--workers", "3", "--chunk-size", "30");
  expect(exitCode).toBe(1);
  expect(document.message).toMatch(/^All \d+ items of a page failed/);
  expect(await countRows(db, "migration_errors")).toBe(0);
});

test("--max-errors counts the failures of all workers", async () => {
  await addBusyLeads(db, 60, 9);
  await refuseMessages(db, "text 3");
  const { document, exitCode } = await run("--workers", "3", "--chunk-size", "10", "--max-errors", "4");
  expect(exitCode).toBe(1);
  expect(document.message).toMatch(/^\d+ items failed, more than --max-errors 4 allows/);
});

test("the status line and migration_runs tell how many work, in what steps, and how far they are", async () => {
  await addBusyLeads(db, 40, 10);
  await addAudits(db, await addLead(db, { id: "ffff0000-0000-4000-8000-000000000000" }), 20, { everySecond: 7 });
  const hold = await holdAt(db, "text 20");
  const running = small(2);
  await until(hold.reached);
  await until(
    async () => (await rowsOf(db, "migration_runs", "id"))[0]?.progress?.done >= 300,
    "300 done in migration_runs",
  );
  const [during] = await rowsOf(db, "migration_runs", "id");
  expect(during?.progress).toMatchObject({
    unit: "audits",
    total: 420,
    exact: true,
    workers: 2,
    pageItems: 10,
    quarantined: 0,
  });
  await hold.letGo();
  const { output } = await running;
  expect(output).toMatch(/of 420 audits \(\d+%\), (.*, )?2 workers, pages of 10/);
  expect((await rowsOf(db, "migration_runs", "id"))[0]?.progress).toMatchObject({ done: 420 });
});
