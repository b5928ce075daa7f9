import { randomUUID } from "node:crypto";
import { expect, test } from "@jest/globals";
import batch from "../../../scripts/migrations/backfill-conversations-messages.ts";
import { addAudit, addAudits, addBusyLeads } from "../../helpers/audits.ts";
import { addConversation, addCustomer, addLead, addMessage, rowsOf } from "../../helpers/crm.ts";
import { useDatabase } from "../../helpers/database.ts";
import { runInProcess } from "../../helpers/script.ts";

const db = useDatabase();

const NOTHING = { conversationsCreated: 0, messagesCreated: 0, errors: 0 };

test("a second run creates nothing and changes no row", async () => {
  await addBusyLeads(db, 20, 7);
  await runInProcess(batch, db);
  const before = await db.snapshot();
  const { document, exitCode } = await runInProcess(batch, db);
  expect(document.stats).toMatchObject({ ...NOTHING, conversationsSkipped: 20, messagesSkipped: 140 });
  expect(document.skipped).toMatchObject({ alreadyMigrated: 140 });
  expect(exitCode).toBe(0);
  expect(await db.snapshot()).toEqual(before);
});

test("what an earlier tool wrote, under ids of its own and without a run, is recognised", async () => {
  const lead = await addLead(db);
  const audits = [await addAudit(db, lead), await addAudit(db, lead)];
  const conversation = await addConversation(db, {
    id: randomUUID(),
    lead_id: lead,
    metadata: { source: "audit_backfill", leadStage: "new" },
  });
  const [auditId] = audits;
  await addMessage(db, conversation, { metadata: { auditId, source: "audit_backfill" }, content: "as it was" });
  const { document } = await runInProcess(batch, db);
  expect(document.stats).toMatchObject({ conversationsSkipped: 1, ...NOTHING, messagesCreated: 1, messagesSkipped: 1 });
  expect(await rowsOf(db, "Conversation")).toHaveLength(1);
  const messages = await rowsOf(db, "Message", "content");
  expect(messages.map(({ conversation_id }) => conversation_id)).toEqual([conversation, conversation]);
  expect(messages.map(({ metadata }) => metadata.auditId).sort()).toEqual([...audits].sort());
  expect(messages.map(({ content }) => content)).toContain("as it was");
});

test("a message with the audit's id is not made twice, also where it stands in a live conversation", async () => {
  const lead = await addLead(db);
  const auditId = await addAudit(db, lead);
  const live = await addConversation(db, { lead_id: lead });
  await addMessage(db, live, { metadata: { auditId } });
  const { document } = await runInProcess(batch, db);
  expect(document.stats).toMatchObject({ conversationsCreated: 1, messagesCreated: 0, messagesSkipped: 1 });
});

test("live conversations and messages are left as they are", async () => {
  const lead = await addLead(db, { customer_id: await addCustomer(db) });
  await addAudits(db, lead, 3);
  const live = await addConversation(db, { lead_id: lead, metadata: { source: "live" } });
  await addMessage(db, live);
  await addMessage(db, await addConversation(db, { lead_id: lead, metadata: null }));
  const read = () =>
    Promise.all(
      ["Conversation", "Message"].map(
        async (table) =>
          (
            await db.query(
              `select * from "${table}" where coalesce(metadata ->> 'source', '') <> 'audit_backfill' order by id`,
            )
          ).rows,
      ),
    );
  const before = await read();
  await runInProcess(batch, db);
  expect(await read()).toEqual(before);
  expect(await rowsOf(db, "Conversation")).toHaveLength(3);
});

test("of several backfilled conversations of a lead the oldest is used", async () => {
  const lead = await addLead(db);
  const made = (created_at: string) =>
    addConversation(db, { lead_id: lead, created_at, metadata: { source: "audit_backfill" } });
  await made("2025-02-01T00:00:00Z");
  const oldest = await made("2025-01-01T00:00:00Z");
  await addAudit(db, lead);
  await runInProcess(batch, db);
  expect((await rowsOf(db, "Message")).map(({ conversation_id }) => conversation_id)).toEqual([oldest]);
});

test("audits that came since are added, and last_message_at goes forward, never back", async () => {
  const lead = await addLead(db);
  const newest = async () => (await rowsOf(db, "Conversation"))[0]?.last_message_at.toISOString();
  await addAudit(db, lead, { created_at: "2025-02-01T00:00:00Z" });
  await runInProcess(batch, db);
  await addAudit(db, lead, { created_at: "2025-01-15T00:00:00Z" });
  // Its customer is set together with what the older message brings.
  await db.query('update "Lead" set customer_id = $1', [await addCustomer(db)]);
  await runInProcess(batch, db);
  expect(await newest()).toBe("2025-02-01T00:00:00.000Z");
  await addAudit(db, lead, { created_at: "2025-03-01T00:00:00Z" });
  const { document } = await runInProcess(batch, db);
  expect(await newest()).toBe("2025-03-01T00:00:00.000Z");
  expect(document.stats).toMatchObject({ conversationsSkipped: 1, messagesCreated: 1, messagesSkipped: 2 });
  expect(await rowsOf(db, "Message")).toHaveLength(3);
});

test("a conversation takes the customer that its lead was given since, once, with the value before", async () => {
  const lead = await addLead(db);
  await addAudits(db, lead, 5);
  await runInProcess(batch, db);
  const customer = await addCustomer(db);
  await db.query('update "Lead" set customer_id = $1', [customer]);
  const dry = await runInProcess(batch, db, ["--dry-run", "--chunk-size", "2"]);
  const { document } = await runInProcess(batch, db, ["--chunk-size", "2"]);
  expect(document.stats).toMatchObject({ conversationsUpdated: 1, conversationsSkipped: 1 });
  expect(dry.document.stats).toEqual(document.stats);
  expect((await rowsOf(db, "Conversation"))[0]).toMatchObject({ customer_id: customer });
  const { rows } = await db.query("select action, before from migration_effects where run_id = $1", [document.runId]);
  expect(rows).toEqual([{ action: "update", before: expect.objectContaining({ customer_id: null }) }]);
  const again = await runInProcess(batch, db);
  expect(again.document.stats).not.toHaveProperty("conversationsUpdated");
});

test("a customer that a conversation has is not replaced by the lead's", async () => {
  const [mine, theirs] = [await addCustomer(db), await addCustomer(db)];
  const lead = await addLead(db, { customer_id: theirs });
  await addConversation(db, { lead_id: lead, customer_id: mine, metadata: { source: "audit_backfill" } });
  await addAudit(db, lead);
  await runInProcess(batch, db);
  expect((await rowsOf(db, "Conversation")).map(({ customer_id }) => customer_id)).toEqual([mine]);
});

test("a message that was deleted comes back under the id that it had", async () => {
  await addBusyLeads(db, 2, 3);
  await runInProcess(batch, db);
  const before = await db.snapshot();
  await db.query('delete from "Message" where content = $1', ["text 2"]);
  const { document } = await runInProcess(batch, db);
  expect(document.stats).toMatchObject({ messagesCreated: 2 });
  const after = await db.snapshot();
  expect(after.Message).toEqual(before.Message);
  expect(after.Conversation).toEqual(before.Conversation);
});

/** As it is before the first run of batch 4. */
async function takeIndexAway(): Promise<void> {
  await db.query('drop index "Message_audit_id_key"');
  await db.query("delete from _prisma_migrations where migration_name like '%backfill_conversations_messages'");
}

test("the first run makes the index that keeps an audit to one message", async () => {
  await addBusyLeads(db, 3, 4);
  await takeIndexAway();
  const dry = await runInProcess(batch, db, ["--dry-run"]);
  expect(dry.output).toContain("which makes the index Message_audit_id_key");
  const { document } = await runInProcess(batch, db);
  expect(dry.document.stats).toEqual(document.stats);
  expect((await db.query(`select to_regclass('"Message_audit_id_key"') as index`)).rows[0]?.index).not.toBeNull();
});

test("two messages of one audit are refused by the dry run and the run alike, and nothing is touched", async () => {
  const lead = await addLead(db);
  const auditId = await addAudit(db, lead);
  await takeIndexAway();
  const conversation = await addConversation(db, { lead_id: lead });
  for (const _ of [1, 2]) await addMessage(db, conversation, { metadata: { auditId } });
  const before = await db.snapshot();
  for (const argv of [["--dry-run"], []])
    await expect(runInProcess(batch, db, argv)).rejects.toThrow(
      `More than one message has the metadata.auditId ${auditId}. Keep one of each, then run again.`,
    );
  expect(await db.snapshot()).toEqual(before);
});

test("another index with the name of ours is refused, since it keeps no audit from making a second message", async () => {
  await db.query('drop index "Message_audit_id_key"');
  await db.query('create index "Message_audit_id_key" on "Message" (role)');
  for (const options of [["--dry-run"], []])
    await expect(runInProcess(batch, db, options)).rejects.toThrow('The index "Message_audit_id_key" is not unique');
});
