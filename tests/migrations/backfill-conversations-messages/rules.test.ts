import { randomUUID } from "node:crypto";
import { expect, test } from "@jest/globals";
import batch from "../../../scripts/migrations/backfill-conversations-messages.ts";
import { addAudit } from "../../helpers/audits.ts";
import { addCustomer, addLead, rowsOf } from "../../helpers/crm.ts";
import { useDatabase } from "../../helpers/database.ts";
import { runInProcess } from "../../helpers/script.ts";

const db = useDatabase();

const roles = async () =>
  Object.fromEntries((await rowsOf(db, "Message")).map(({ role, metadata }) => [metadata.auditActor, role]));

async function addAuditOfEach(...actors: string[]): Promise<string> {
  const lead = await addLead(db);
  for (const actor of actors) await addAudit(db, lead, { actor });
  return lead;
}

test("the actor gives the role; actors that are not asked for make no message", async () => {
  await addAuditOfEach("customer", "user", "agent", "assistant", "system", "tool", "robot", "Customer", "");
  const { document } = await runInProcess(batch, db);
  expect(await roles()).toEqual({
    customer: "user",
    user: "user",
    agent: "assistant",
    assistant: "assistant",
    system: "system",
  });
  expect(document.stats).toMatchObject({ auditsProcessed: 5, messagesCreated: 5, auditsSkipped: 0 });
});

test("--actors changes whose audits count", async () => {
  await addAuditOfEach("customer", "agent", "tool");
  await addAuditOfEach("agent");
  const { document } = await runInProcess(batch, db, ["--actors", "tool, customer"]);
  expect(await roles()).toEqual({ customer: "user", tool: "tool" });
  expect(document.stats).toMatchObject({ conversationsCreated: 1, messagesCreated: 2 });
});

test("--lead looks at one lead only", async () => {
  const lead = await addAuditOfEach("customer", "agent");
  await addAuditOfEach("customer");
  const { document } = await runInProcess(batch, db, ["--lead", lead.toUpperCase()]);
  expect(document.stats).toMatchObject({ conversationsCreated: 1, messagesCreated: 2, auditsProcessed: 2 });
  expect((await rowsOf(db, "Conversation")).map(({ lead_id }) => lead_id)).toEqual([lead]);
});

test("audits without a lead are not looked at, audits of a deleted lead are skipped", async () => {
  await addAudit(db, null);
  await addAudit(db, randomUUID());
  await addAudit(db, randomUUID(), { payload: {} });
  const { document, exitCode } = await runInProcess(batch, db);
  expect(document.stats).toEqual({
    conversationsCreated: 0,
    conversationsSkipped: 0,
    messagesCreated: 0,
    messagesSkipped: 0,
    auditsProcessed: 0,
    auditsSkipped: 2,
    errors: 0,
  });
  expect(document.skipped).toEqual({ noText: 0, alreadyMigrated: 0, leadNotFound: 2 });
  expect(exitCode).toBe(0);
  expect(await rowsOf(db, "Conversation")).toEqual([]);
});

test("a conversation takes channel, customer and times from its lead and its newest message", async () => {
  const customer = await addCustomer(db);
  const lead = await addLead(db, {
    channel: "whatsapp",
    customer_id: customer,
    stage: "quoted",
    messenger_psid: "psid-1",
    phone: "+1 555",
    created_at: "2025-01-01T10:00:00.123456Z",
  });
  await addAudit(db, lead, { created_at: "2025-03-01T10:00:00.654321Z" });
  await addAudit(db, lead, { created_at: "2025-04-01T10:00:00Z", payload: {} });
  const { document } = await runInProcess(batch, db);
  const [conversation] = await rowsOf(db, "Conversation");
  expect(conversation).toMatchObject({
    lead_id: lead,
    customer_id: customer,
    channel: "whatsapp",
    external_id: "psid-1",
    status: "active",
    metadata: {
      source: "audit_backfill",
      leadStage: "quoted",
      createdBy: "backfill-conversations-messages.ts",
      createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      runId: document.runId,
    },
  });
  const { rows } = await db.query(
    `select started_at = l.created_at as started, c.created_at = l.created_at as created,
            last_message_at = timestamptz '2025-03-01T10:00:00.654321Z' as newest
       from "Conversation" c join "Lead" l on l.id = c.lead_id`,
  );
  expect(rows).toEqual([{ started: true, created: true, newest: true }]);
});

test("a message says which audit it comes from, and has its time to the microsecond", async () => {
  const lead = await addLead(db);
  const at = "2025-03-01T10:00:00.654321Z";
  const audit = await addAudit(db, lead, { actor: "agent", action: "message_sent", created_at: at });
  const { document } = await runInProcess(batch, db);
  const [message] = await rowsOf(db, "Message");
  expect(message).toMatchObject({
    role: "assistant",
    content: "Hello",
    metadata: {
      auditId: audit,
      auditAction: "message_sent",
      auditActor: "agent",
      source: "audit_backfill",
      createdBy: "backfill-conversations-messages.ts",
      runId: document.runId,
    },
  });
  const { rows } = await db.query(
    `select m.created_at = a.created_at as same, m.id = crm_uuid('audit_backfill', a.id::text) as follows
       from "Message" m, "Audit" a where a.id = $1`,
    [audit],
  );
  expect(rows).toEqual([{ same: true, follows: true }]);
});

test.each([
  { name: "the psid", psid: "p1", phone: "+1 555", expected: "p1" },
  { name: "the phone where there is no psid", psid: null, phone: "+1 555", expected: "+1 555" },
  { name: "the phone where the psid is blank", psid: " \t\n", phone: "+1 555", expected: "+1 555" },
  { name: "the psid as it stands", psid: " p1 ", phone: null, expected: " p1 " },
  { name: "nothing where both are blank", psid: "", phone: " \v\f", expected: null },
])("external_id is $name", async ({ psid, phone, expected }) => {
  await addAudit(db, await addLead(db, { messenger_psid: psid, phone }));
  await runInProcess(batch, db);
  expect((await rowsOf(db, "Conversation")).map(({ external_id }) => external_id)).toEqual([expected]);
});

test("a lead whose audits all lack text gets a conversation without messages", async () => {
  const lead = await addLead(db);
  await addAudit(db, lead, { payload: {} });
  await addAudit(db, lead, { payload: "  " });
  const { document } = await runInProcess(batch, db);
  expect(document.stats).toMatchObject({ conversationsCreated: 1, messagesCreated: 0, messagesSkipped: 2 });
  expect((await rowsOf(db, "Conversation")).map(({ last_message_at }) => last_message_at)).toEqual([null]);
});

test("two leads with one phone get a conversation each", async () => {
  for (const _ of [1, 2]) await addAudit(db, await addLead(db, { channel: "sms", phone: "+15550001" }));
  const { document } = await runInProcess(batch, db);
  expect(document.stats).toMatchObject({ conversationsCreated: 2, messagesCreated: 2 });
});

test("each run that writes adds one Audit row, also one that found nothing to do; a dry run adds none", async () => {
  await addAuditOfEach("customer");
  await runInProcess(batch, db, ["--dry-run"]);
  const first = await runInProcess(batch, db);
  const second = await runInProcess(batch, db);
  const { rows } = await db.query(
    `select lead_id, actor, action, payload - 'timestamp' as payload from "Audit" where lead_id is null order by created_at`,
  );
  expect(rows).toEqual(
    [first, second].map(({ document: { runId, stats } }) => ({
      lead_id: null,
      actor: "system",
      action: "backfill_conversations_messages",
      payload: { script: "backfill-conversations-messages", version: "batch-4", runId, mode: "write", stats },
    })),
  );
});
