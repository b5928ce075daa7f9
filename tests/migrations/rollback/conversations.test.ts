import { randomUUID } from "node:crypto";
import { expect, test } from "@jest/globals";
import batch from "../../../scripts/migrations/backfill-conversations-messages.ts";
import customers from "../../../scripts/migrations/backfill-customers.ts";
import { addAudit, addAudits, addBusyLeads, refuseMessages } from "../../helpers/audits.ts";
import { addConversation, addCustomer, addLead, addMessage, addRow, countRows, rowsOf } from "../../helpers/crm.ts";
import { useDatabase } from "../../helpers/database.ts";
import { addHostileCrm } from "../../helpers/hostile.ts";
import { runInProcess } from "../../helpers/script.ts";
import { keptOf, rollBack } from "./rollback.ts";

const db = useDatabase();

const run = (...argv: string[]) => runInProcess(batch, db, argv);
const oneRow = async (table: string) => (await rowsOf(db, table))[0] ?? {};
const statuses = async () => (await rowsOf(db, "migration_runs", "id")).map(({ status }) => status);

test.each([1, 2, 3, 4])(
  "every table is what it was, and the batch runs again to the same rows: random CRM %i",
  async (seed) => {
    await addHostileCrm(db, seed);
    const audits = await countRows(db, "Audit");
    const before = await db.snapshot();
    await run("--chunk-size", "20");
    await run();
    const migrated = await db.snapshot({ tables: ["migration_effects"] });
    const { notices, resultSets } = await rollBack(db, 4);
    expect(notices).toEqual(["rolling back ALL runs of batch 4"]);
    expect(resultSets).toEqual([[]]);
    expect(await db.snapshot()).toEqual(before);
    expect(await countRows(db, "Audit")).toBe(audits);
    expect(await statuses()).toEqual(["rolled_back", "rolled_back"]);
    await run();
    expect(await db.snapshot({ tables: ["migration_effects"] })).toEqual(migrated);
  },
);

test("checkpoint, quarantine and the batch's Audit rows go; those of others stay", async () => {
  await addBusyLeads(db, 6, 3);
  await runInProcess(customers, db);
  await addAudit(db, null, { actor: "system", action: "backfill_conversations_messages", payload: { runId: 999 } });
  await addAudit(db, null, { actor: "agent", action: "backfill_conversations_messages", payload: { runId: 2 } });
  await db.query(`insert into migration_errors (run_id, script, item_key, code, message)
                  values (1, 'backfill-customers', 'group:x', '23505', 'm')`);
  await refuseMessages(db, "text 2");
  await run("--limit", "3");
  const others = (await rowsOf(db, "Audit")).filter(({ payload }) => payload.version !== "batch-4");
  expect(await countRows(db, "migration_checkpoints")).toBe(1);
  expect(await countRows(db, "migration_errors")).toBe(4);
  await rollBack(db, 4);
  expect(await rowsOf(db, "Audit")).toEqual(others);
  expect(await countRows(db, "migration_checkpoints")).toBe(0);
  expect((await rowsOf(db, "migration_errors", "id")).map(({ script }) => script)).toEqual(["backfill-customers"]);
  expect(await statuses()).toEqual(["completed", "rolled_back"]);
});

test("a live message stays, with its conversation, and both are listed; once it is gone, so are they", async () => {
  await addBusyLeads(db, 2, 3);
  const before = await db.snapshot();
  await run();
  const { id } = await oneRow("Conversation");
  const live = await addMessage(db, id, { content: "live" });
  expect(keptOf(await rollBack(db, 4))).toEqual([["Conversation", id, "holds messages that stay"]]);
  expect((await rowsOf(db, "Message")).map((message) => message.id)).toEqual([live]);
  // Twice is safe, and what was kept can be taken back later.
  expect(keptOf(await rollBack(db, 4))).toEqual([["Conversation", id, "holds messages that stay"]]);
  await db.query('delete from "Message"');
  expect(keptOf(await rollBack(db, 4))).toEqual([]);
  expect(await db.snapshot()).toEqual(before);
});

test("what was edited since stays and is listed", async () => {
  const leads = [await addLead(db), await addLead(db), await addLead(db)];
  for (const lead of leads) await addAudit(db, lead);
  await run();
  const [edited, tagged, closed] = await rowsOf(db, "Conversation", "lead_id");
  const message = (await rowsOf(db, "Message")).find(({ conversation_id }) => conversation_id === edited?.id);
  await db.query(`update "Message" set content = 'corrected' where id = $1`, [message?.id]);
  await db.query(`update "Conversation" set tag = 'sales' where id = $1`, [tagged?.id]);
  await db.query(`update "Conversation" set status = 'closed', closed_at = now() where id = $1`, [closed?.id]);
  expect(keptOf(await rollBack(db, 4)).sort()).toEqual(
    [
      ["Conversation", edited?.id, "holds messages that stay"],
      ["Conversation", tagged?.id, "edited since"],
      ["Conversation", closed?.id, "edited since"],
      ["Message", message?.id, "edited since"],
    ].sort(),
  );
  expect((await rowsOf(db, "Message")).map(({ content }) => content)).toEqual(["corrected"]);
});

test("a customer that somebody gave a conversation since is an edit; one that a later run gave it is not", async () => {
  const [linked, edited] = [await addLead(db), await addLead(db)];
  for (const lead of [linked, edited]) await addAudit(db, lead);
  await run();
  await db.query(`insert into "Customer" (id) values ($1), ($2)`, [linked, edited]); // any ids will do
  await db.query(`update "Lead" set customer_id = id where id = $1`, [linked]);
  expect((await run()).document.stats).toMatchObject({ conversationsUpdated: 1 });
  await db.query(`update "Conversation" set customer_id = lead_id where lead_id = $1`, [edited]);
  const kept = (await rowsOf(db, "Conversation")).find(({ lead_id }) => lead_id === edited)?.id;
  expect(keptOf(await rollBack(db, 4))).toEqual([["Conversation", kept, "edited since"]]);
  expect((await rowsOf(db, "Conversation")).map(({ id }) => id)).toEqual([kept]);
});

test("a message whose audit is gone, or says something else by now, is kept", async () => {
  const lead = await addLead(db);
  const [gone, changed] = [await addAudit(db, lead), await addAudit(db, lead)];
  await addAudits(db, lead, 3);
  await run();
  await db.query('delete from "Audit" where id = $1', [gone]);
  await db.query(`update "Audit" set payload = '{"text": "else"}' where id = $1`, [changed]);
  const idOf = async (audit: string) =>
    (await rowsOf(db, "Message")).find(({ metadata }) => metadata.auditId === audit)?.id;
  const messages = [await idOf(gone), await idOf(changed)];
  const kept = keptOf(await rollBack(db, 4));
  expect(kept).toContainEqual(["Message", messages[0], "its audit is gone"]);
  expect(kept).toContainEqual(["Message", messages[1], "edited since"]);
  expect(await countRows(db, "Message")).toBe(2);
});

test("what somebody else refers to stays, whatever the reference does on delete, and the referring rows stay whole", async () => {
  for (let n = 0; n < 5; n += 1) await addAudit(db, await addLead(db));
  await run();
  const [noted, surveyed, known, attached, quoted] = await rowsOf(db, "Conversation");
  const messageOf = async (conversation: unknown) =>
    (await rowsOf(db, "Message")).find(({ conversation_id }) => conversation_id === conversation)?.id;
  const [attachedMessage, quotedMessage] = [await messageOf(attached?.id), await messageOf(quoted?.id)];
  await addRow(db, "MemoryNote", { conversation_id: noted?.id, content: "likes tea" });
  await db.query('create unique index on "Conversation" (id, channel)');
  await db.query(`create table survey (channel "Channel", about uuid,
                    foreign key (channel, about) references "Conversation" (channel, id) on delete cascade)`);
  await db.query("insert into survey values ('messenger', $1)", [surveyed?.id]);
  await db.query(`create table attachment (message uuid references "Message" (id) on delete cascade)`);
  await db.query("insert into attachment values ($1)", [attachedMessage]);
  const known_as = { system: "helpdesk", external_id: "1" };
  await addRow(db, "external_refs", { entity_type: "conversation", entity_id: known?.id, ...known_as });
  await addRow(db, "external_refs", { entity_type: "Message", entity_id: quotedMessage, ...known_as });
  const referring = async () => [
    await rowsOf(db, "MemoryNote"),
    await rowsOf(db, "survey", "1"),
    await rowsOf(db, "attachment", "1"),
  ];
  const before = await referring();
  expect(keptOf(await rollBack(db, 4)).sort()).toEqual(
    [
      ["Conversation", noted?.id, 'in use by "MemoryNote"'],
      ["Conversation", surveyed?.id, "in use by survey"],
      ["Conversation", known?.id, "in use by external_refs"],
      ["Conversation", attached?.id, "holds messages that stay"],
      ["Conversation", quoted?.id, "holds messages that stay"],
      ["Message", attachedMessage, "in use by attachment"],
      ["Message", quotedMessage, "in use by external_refs"],
    ].sort(),
  );
  expect(await referring()).toEqual(before);
});

test("an earlier tool's rows stay as they were, and what two runs changed in them is undone, the last change first", async () => {
  const lead = await addLead(db);
  const conversation = await addConversation(db, {
    id: randomUUID(),
    lead_id: lead,
    metadata: { source: "audit_backfill" },
    last_message_at: "2024-01-01T00:00:00.123456Z",
  });
  const auditId = await addAudit(db, lead);
  await addMessage(db, conversation, { metadata: { source: "audit_backfill", auditId } });
  const first = await db.snapshot();
  await addAudits(db, lead, 3);
  const second = await db.snapshot();
  await run();
  await addCustomer(db).then((id) => db.query('update "Lead" set customer_id = $1', [id]));
  await addAudit(db, lead, { created_at: "2025-06-01Z" });
  await run();
  expect(await oneRow("Conversation")).toMatchObject({ customer_id: expect.any(String) });
  expect(keptOf(await rollBack(db, 4))).toEqual([]);
  const after = await db.snapshot();
  expect(after.Conversation).toEqual(first.Conversation);
  expect(after.Message).toEqual(second.Message);
});

test("an earlier tool's rows stay, and what was changed is undone, also where its own runs have the numbers of ours", async () => {
  const lead = await addLead(db);
  await addAudit(db, lead);
  const { document } = await run();
  await rollBack(db, 4);
  const metadata = { source: "audit_backfill", runId: document.runId };
  const conversation = await addConversation(db, { lead_id: lead, metadata });
  const auditId = await addAudit(db, lead);
  await addMessage(db, conversation, { metadata: { ...metadata, auditId } });
  const before = await db.snapshot({ tables: ["migration_effects"] });
  expect((await run()).document.stats).toMatchObject({ conversationsSkipped: 1, messagesCreated: 1 });
  expect(keptOf(await rollBack(db, 4))).toEqual([["Conversation", conversation, "holds messages that stay"]]);
  expect(await db.snapshot({ tables: ["migration_effects"] })).toEqual(before);
});

test("a value that a live session has changed since stays, and the conversation is listed once", async () => {
  const lead = await addLead(db);
  const id = await addConversation(db, { lead_id: lead, metadata: { source: "audit_backfill" } });
  await addAudit(db, lead);
  await run();
  await addAudit(db, lead, { created_at: "2025-06-01Z" });
  await run();
  await db.query(`update "Conversation" set last_message_at = '2025-09-09Z'`);
  expect(keptOf(await rollBack(db, 4))).toEqual([
    ["Conversation", id, "edited since: customer_id and last_message_at stay"],
  ]);
  expect((await oneRow("Conversation")).last_message_at).toEqual(new Date("2025-09-09Z"));
});

test("one run of a chain is taken back, then the other; together they leave nothing", async () => {
  await addBusyLeads(db, 6, 4);
  const before = await db.snapshot();
  const { document: first } = await run("--limit", "2");
  const afterFirst = await db.snapshot();
  const { document: second } = await run();
  const { notices } = await rollBack(db, 4, second.runId);
  expect(notices).toEqual([`rolling back run ${second.runId}`]);
  expect({ ...(await db.snapshot()), migration_checkpoints: [] }).toEqual({ ...afterFirst, migration_checkpoints: [] });
  expect(await statuses()).toEqual(["completed", "rolled_back"]);
  await rollBack(db, 4, first.runId);
  expect(await db.snapshot()).toEqual(before);
});

test("a conversation that a later run wrote into is kept with the first run's rollback, and goes with the second's", async () => {
  const lead = await addLead(db);
  await addAudit(db, lead);
  const { document: first } = await run();
  await addAudit(db, lead, { created_at: "2025-06-01Z" });
  const before = await db.snapshot({ tables: ["Conversation", "Message", "migration_effects"] });
  await run();
  const { id } = await oneRow("Conversation");
  expect(keptOf(await rollBack(db, 4, first.runId))).toEqual([["Conversation", id, "holds messages that stay"]]);
  expect(await countRows(db, "Message")).toBe(1);
  expect(keptOf(await rollBack(db, 4))).toEqual([]);
  expect(await db.snapshot()).toEqual({ ...before, Conversation: [], Message: [], migration_effects: [] });
});

test.each([
  { what: "unknown", id: () => 4711 },
  { what: "no number", id: () => "12; drop table x" },
  { what: "of another batch", id: async () => (await runInProcess(customers, db)).document.runId },
])("a run that is $what is refused, and nothing is changed", async ({ id }) => {
  await addBusyLeads(db, 1, 2);
  await run();
  const asked = await id();
  const before = await db.snapshot();
  await expect(rollBack(db, 4, asked)).rejects.toThrow(
    `nothing was changed: backfill.run_id ${asked} is not a run of backfill-conversations-messages`,
  );
  expect(await db.snapshot()).toEqual(before);
});
