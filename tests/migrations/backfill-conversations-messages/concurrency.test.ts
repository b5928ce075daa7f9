import { expect, test } from "@jest/globals";
import batch from "../../../scripts/migrations/backfill-conversations-messages.ts";
import { addAudit, addAudits, addBusyLeads, holdAt } from "../../helpers/audits.ts";
import { addConversation, addLead, addMessage, countRows } from "../../helpers/crm.ts";
import { useDatabase } from "../../helpers/database.ts";
import { runInProcess, runScript, startScript, until } from "../../helpers/script.ts";

const NAME = "backfill-conversations-messages";
const db = useDatabase();

test("a second run is refused with 75, and told who holds the lock and since when", async () => {
  await addAudits(db, await addLead(db), 5);
  const hold = await holdAt(db, "text 3");
  const first = startScript(NAME, ["--json"], { url: db.url });
  await until(hold.reached);
  const before = await countRows(db, "migration_runs");
  const second = await runScript(NAME, ["--json"], { url: db.url });
  expect(second.exitCode).toBe(75);
  expect(second.json.status).toBe("waiting");
  expect(second.json.message).toMatch(
    new RegExp(
      `already running .* run \\d+, process ${first.pid()} on .*, holds its lock since \\d{4}-\\d\\d-\\d\\d \\d\\d:`,
    ),
  );
  expect(await countRows(db, "migration_runs")).toBe(before);
  await hold.letGo();
  const { exitCode, json } = await first.ended;
  expect({ exitCode, created: json.stats.messagesCreated }).toEqual({ exitCode: 0, created: 5 });
});

test("runs of the same batch on two databases of one server do not wait for each other", async () => {
  await addAudits(db, await addLead(db), 5);
  const hold = await holdAt(db, "text 3");
  const run = runInProcess(batch, db);
  await until(hold.reached);
  const { rows } = await db.query(
    `select count(*)::int as count from pg_locks
      where locktype = 'advisory' and granted and objsubid = 1 and objid <> 4711
        and database = (select oid from pg_database where datname = current_database())`,
  );
  expect(rows).toEqual([{ count: 1 }]);
  await hold.letGo();
  await run;
});

test("a message that somebody else writes while the page runs counts as skipped, not as created", async () => {
  const lead = await addLead(db);
  await addAudits(db, lead, 3);
  const auditId = await addAudit(db, lead, { created_at: "2025-06-01T00:00:00Z" });
  const hold = await holdAt(db, "text 1");
  const run = runInProcess(batch, db);
  await until(hold.reached);
  const live = await addConversation(db, { lead_id: lead });
  await addMessage(db, live, { metadata: { auditId } });
  await hold.letGo();
  const { document, exitCode } = await run;
  expect(document.stats).toMatchObject({ messagesCreated: 3, messagesSkipped: 1, auditsProcessed: 4 });
  expect(document.skipped).toMatchObject({ alreadyMigrated: 1 });
  expect(exitCode).toBe(0);
  expect(await countRows(db, "Message")).toBe(4);
});

test("live sessions write to the same tables while a run is at work", async () => {
  await addBusyLeads(db, 5, 4);
  const hold = await holdAt(db, "text 2");
  const run = runInProcess(batch, db);
  await until(hold.reached);
  const lead = await addLead(db);
  const conversation = await addConversation(db, { lead_id: lead });
  await addMessage(db, conversation);
  await addAudit(db, lead);
  await db.query(`update "Lead" set stage = 'won'`);
  await hold.letGo();
  const { document, exitCode } = await run;
  // Whether this run comes past the new lead depends on its id; the next one does.
  const next = await runInProcess(batch, db);
  expect(exitCode).toBe(0);
  expect(Number(document.stats.messagesCreated) + Number(next.document.stats.messagesCreated)).toBe(21);
});
