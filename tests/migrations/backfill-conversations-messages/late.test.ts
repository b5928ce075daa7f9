import { expect, test } from "@jest/globals";
import batch from "../../../scripts/migrations/backfill-conversations-messages.ts";
import { addAudit, addAudits, addBusyLeads, holdAt } from "../../helpers/audits.ts";
import { addLead, countRows, rowsOf } from "../../helpers/crm.ts";
import { useDatabase } from "../../helpers/database.ts";
import { numbersOf, runInProcess, until } from "../../helpers/script.ts";

const db = useDatabase();

const FIRST = "00000000-0000-4000-8000-000000000001";
const LAST = "f0000000-0000-4000-8000-000000000001";

/** Runs, and stands still in the last lead while `meanwhile` writes to the log. */
async function runWhile(meanwhile: () => Promise<unknown>, ...argv: string[]) {
  await addAudits(db, await addLead(db, { id: LAST }), 35);
  const hold = await holdAt(db, "text 32");
  const running = runInProcess(batch, db, ["--workers", "1", "--chunk-size", "10", ...argv]);
  await until(hold.reached);
  await meanwhile();
  await hold.letGo();
  return running;
}

/** A trigger that runs `body` after each message. */
const afterEachMessage = (body: string) =>
  db.query(`create function live() returns trigger language plpgsql as $$ begin ${body} return new; end $$;
            create trigger live after insert on "Message" for each row execute function live()`);

test("audits that arrive behind the cursor are stored by the same run, and nothing is missing", async () => {
  await addAudits(db, await addLead(db, { id: FIRST }), 20);
  const { document, exitCode, output } = await runWhile(async () => {
    await addAudit(db, FIRST, { payload: { text: "between" }, created_at: "2025-01-02T00:00:05.5Z" });
    await addAudit(db, FIRST, { payload: { text: "newest" }, created_at: "2025-03-01T00:00:00Z" });
    const newcomer = await addLead(db, { id: "00000000-0000-4000-8000-000000000000" });
    await addAudit(db, newcomer, { payload: {} });
  });
  expect(exitCode).toBe(0);
  expect(document.arrived).toEqual({ passes: 1, items: 3, proven: true });
  expect(document.stats).toMatchObject({ conversationsCreated: 3, conversationsSkipped: 0, messagesCreated: 57 });
  expect(document.skipped).toMatchObject({ noText: 1, alreadyMigrated: 0 });
  expect(output).toMatch(/^ {2}nothing is missing; 3 arrived during the run$/m);
  const [first] = (await rowsOf(db, "Conversation")).filter(({ lead_id }) => lead_id === FIRST);
  expect(first?.last_message_at).toEqual(new Date("2025-03-01T00:00:00Z"));
  const again = await runInProcess(batch, db);
  expect(again.document.stats).toMatchObject({ messagesCreated: 0, auditsProcessed: 58 });
});

test("audits that need nothing are not looked at again: other actors, no lead, no text", async () => {
  await addAudits(db, await addLead(db, { id: FIRST }), 2);
  const { document } = await runWhile(async () => {
    await addAudit(db, FIRST, { actor: "bot" });
    await addAudit(db, null);
    await addAudit(db, "00000000-0000-4000-8000-00000000dead");
    await addAudit(db, FIRST, { payload: {} });
  });
  expect(document.arrived).toEqual({ passes: 1, items: 0, proven: true });
});

test("a late audit that can't be stored goes to quarantine, which is a reason", async () => {
  await addAudits(db, await addLead(db, { id: FIRST }), 2);
  const { document, exitCode } = await runWhile(async () => {
    await addAudits(db, FIRST, 3, { everySecond: 60 });
    const words = Array.from({ length: 130_000 }, (_, n) => `w${n}x`).join(" ");
    await addAudit(db, FIRST, { payload: { text: words } });
  });
  expect(document.stats).toMatchObject({ messagesCreated: 40, errors: 1 });
  expect(document.errors).toMatchObject([{ code: "54000" }]);
  expect(document.arrived).toEqual({ passes: 1, items: 4, proven: true });
  expect(exitCode).toBe(1);
});

test("with --lead only that lead's late audits are meant", async () => {
  await addAudits(db, await addLead(db, { id: FIRST }), 2);
  const { document } = await runWhile(
    async () => {
      await addAudit(db, FIRST);
      await addAudit(db, LAST, { created_at: "2025-01-01T00:00:00Z" });
    },
    "--lead",
    LAST,
  );
  expect(document.stats).toMatchObject({ messagesCreated: 36 });
  expect(document.arrived).toMatchObject({ items: 1, proven: true });
});

test("where audits never stop to arrive, five passes are made; what is committed later belongs to the next run", async () => {
  await addAudits(db, await addLead(db, { id: FIRST }), 2);
  await afterEachMessage(
    `insert into "Audit" (lead_id, actor, action, payload, created_at)
     select lead_id, 'customer', 'message_received', '{"text": "again"}', '2020-01-01'
       from "Conversation"
      where id = new.conversation_id;`,
  );
  const { document, exitCode } = await runInProcess(batch, db, ["--workers", "1", "--chunk-size", "1"]);
  expect(document.arrived).toMatchObject({ passes: 5, proven: true });
  expect(exitCode).toBe(0);
  expect(await countRows(db, "Audit")).toBeGreaterThan(await countRows(db, "Message"));
});

test("an audit that counts and has neither message nor reason fails the run, and is named", async () => {
  const lead = await addLead(db);
  const lost = await addAudit(db, lead, { payload: { text: "lost" } });
  await addAudits(db, lead, 3);
  await db.query(`create function swallow() returns trigger language plpgsql as $$ begin return null; end $$;
                  create trigger swallow before insert on "Message"
                     for each row when (new.content = 'lost') execute function swallow()`);
  const { document, exitCode } = await runInProcess(batch, db);
  expect(exitCode).toBe(1);
  expect(document).toMatchObject({ status: "failed", arrived: { proven: false } });
  expect(document.message).toContain(`no reason is known: ${lost}`);
});

test("the dry run of an interrupted run knows what has arrived behind its checkpoint", async () => {
  await addBusyLeads(db, 12, 5);
  await runInProcess(batch, db, ["--limit", "6"]);
  const [behind] = await rowsOf(db, "Lead", "id");
  await addAudit(db, String(behind?.id), { payload: { text: "late" } });
  await addAudits(db, await addLead(db, { id: "00000000-0000-4000-8000-000000000000" }), 3);
  const dry = await runInProcess(batch, db, ["--dry-run"]);
  const { document, ...real } = await runInProcess(batch, db);
  expect(numbersOf(dry)).toEqual(numbersOf({ document, ...real }));
  expect(document.arrived).toMatchObject({ items: 4 });
});
