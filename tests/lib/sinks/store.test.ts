import { expect, test } from "@jest/globals";
import { deterministicId } from "../../../scripts/lib/deterministic-id.ts";
import type { ThreadPage } from "../../../scripts/lib/thread.ts";
import { rowsOf } from "../../helpers/crm.ts";
import { useDatabase } from "../../helpers/database.ts";
import { numbersOf, runInProcess } from "../../helpers/script.ts";
import { batchOf, message, page, RULES, thread } from "./bed.ts";

const db = useDatabase();

/** Runs dry, then for real: both must say the same. */
async function store(pages: readonly ThreadPage[], rules = {}) {
  const dry = await runInProcess(batchOf(pages, rules), db, ["--dry-run"]);
  const real = await runInProcess(batchOf(pages, rules), db);
  expect(numbersOf(dry)).toEqual(numbersOf(real));
  return real;
}

const oneOf = async (table: string, order?: string) => (await rowsOf(db, table, order))[0] ?? {};

test("a thread becomes a customer, a conversation and its messages, with ids that follow from the source", async () => {
  const person = { key: "phone:995599123456", name: "Ada", phone: "995599123456", nick: "ada" };
  const messages = [message("b", 2, { role: "assistant", content: "two\n lines" }), message("a", 1)];
  const { document, exitCode } = await store([page(thread({ id: "501", person, channelAccount: "acc", messages }))]);
  expect([exitCode, document.stats]).toEqual([
    0,
    {
      customersCreated: 1,
      customersUpdated: 0,
      conversationsCreated: 1,
      conversationsUpdated: 0,
      messagesInserted: 2,
      messagesExisting: 0,
      bookingsLinked: 0,
      errors: 0,
    },
  ]);
  const origin = { source: RULES.source, createdBy: `${RULES.script}.ts`, runId: document.runId };
  const customerId = deterministicId(RULES.source, person.key);
  expect(await oneOf("Customer")).toMatchObject({
    id: customerId,
    name: "Ada",
    phone: "995599123456",
    created_at: new Date("2025-01-01T12:00:00Z"),
    metadata: origin,
  });
  const conversationId = deterministicId(RULES.source, "501");
  expect(await oneOf("Conversation")).toMatchObject({
    id: conversationId,
    customer_id: customerId,
    channel: "whatsapp",
    external_id: "501",
    channel_account: "acc",
    status: "active",
    last_message_preview: "two lines",
    last_message_at: new Date("2025-01-02T12:00:00Z"),
    started_at: new Date("2025-01-01T12:00:00Z"),
    created_at: new Date("2025-01-01T12:00:00Z"),
    metadata: { ...origin, createdAt: expect.any(String) },
  });
  expect(await rowsOf(db, "Message")).toMatchObject([
    { id: deterministicId(RULES.source, "501/a"), conversation_id: conversationId, role: "user", content: "text a" },
    { role: "assistant", content: "two\n lines", metadata: { ...origin, sourceId: "b" } },
  ]);
  expect(await rowsOf(db, "external_refs", "entity_type")).toMatchObject([
    { entity_type: "conversation", entity_id: conversationId, system: "umnico", external_id: "501" },
    { entity_type: "nick", entity_id: customerId, system: "umnico", external_id: "ada" },
  ]);
});

test("a second run inserts and changes nothing", async () => {
  const pages = () => [
    page(thread({ id: "1", person: { key: "p", phone: "1234567890" }, messages: [message("a"), message("b", 2)] })),
    page(thread({ id: "2", messages: [message("a")] })),
  ];
  await store(pages());
  const before = await db.snapshot();
  const { document } = await store(pages());
  expect(document.stats).toMatchObject({ messagesInserted: 0, messagesExisting: 3, conversationsUpdated: 0 });
  expect(await db.snapshot()).toEqual(before);
});
