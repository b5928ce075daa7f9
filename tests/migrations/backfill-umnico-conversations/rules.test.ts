import { expect, test } from "@jest/globals";
import { rowsOf } from "../../helpers/crm.ts";
import { useDatabase } from "../../helpers/database.ts";
import { dialogOf, manyDialogs, run, runTwice, storedTalks, talk, talksOf, useUmnico } from "./service.ts";

const db = useDatabase();
const umnico = useUmnico();

test.each([
  { dialogs: 150, messages: 2_925, version: 1, raw: false, times: "russian" },
  { dialogs: 40, messages: 820, version: 1, raw: false, times: "iso" },
  { dialogs: 40, messages: 820, version: 2, raw: false, times: "russian" },
  { dialogs: 40, messages: 820, version: 2, raw: true, times: "unix" },
] as const)("everything there is, is stored once: version $version, raw $raw, times $times", async (variant) => {
  const { dialogs, messages, ...service } = variant;
  Object.assign(umnico, service, { dialogs: manyDialogs(dialogs) });
  const count = umnico.dialogs.reduce((sum, { messages }) => sum + messages.length, 0);
  const { document, exitCode } = await runTwice(db, umnico);
  expect({ exitCode, count }).toEqual({ exitCode: 0, count: messages });
  expect(document.stats).toMatchObject({
    dialogsTotal: dialogs,
    dialogsProcessed: dialogs,
    dialogsSkipped: 0,
    customersCreated: dialogs,
    conversationsCreated: dialogs,
    messagesInserted: count,
    messagesExisting: 0,
    errors: 0,
    requests: dialogs + 2,
  });
  expect(await storedTalks(db)).toEqual(talksOf(umnico.dialogs));
  const state = await db.snapshot();
  const again = await run(db);
  expect(again.document.stats).toMatchObject({
    customersCreated: 0,
    conversationsCreated: 0,
    conversationsUpdated: 0,
    messagesInserted: 0,
    messagesExisting: count,
  });
  expect(await db.snapshot()).toEqual(state);
});

test("a conversation, its customer, references and messages are those of the dialog", async () => {
  umnico.dialogs = [
    dialogOf("501", [
      { text: "Hello", at: "2025-11-25T07:40:00.000Z" },
      { text: "Hello\nthere", at: "2025-11-25T07:41:00.000Z", direction: "outgoing", hasAttachments: true },
    ]),
  ];
  const { document } = await run(db);
  const [customer] = await rowsOf(db, "Customer");
  expect(customer).toMatchObject({ phone: "995599000501", name: null });
  const [conversation] = await rowsOf(db, "Conversation");
  expect(conversation).toMatchObject({
    customer_id: customer?.id,
    channel: "whatsapp",
    external_id: "501",
    channel_account: "995000000000",
    last_message_preview: "Hello there",
    last_message_at: new Date("2025-11-25T07:41:00Z"),
    started_at: new Date("2025-11-25T07:40:00Z"),
    metadata: {
      source: "umnico_backfill",
      createdBy: "backfill-umnico-conversations.ts",
      runId: document.runId,
      createdAt: expect.any(String),
      timezone: "Europe/Moscow",
    },
  });
  expect((await rowsOf(db, "external_refs", "entity_type")).map(({ id: _, ...ref }) => ref)).toEqual([
    { entity_type: "conversation", entity_id: conversation?.id, system: "umnico", external_id: "501" },
  ]);
  const messages = await rowsOf(db, "Message");
  expect(messages.map(({ role, content }) => [role, content])).toEqual([
    ["user", "Hello"],
    ["assistant", "Hello\nthere"],
  ]);
  expect(messages[1]?.metadata).toEqual({
    source: "umnico_backfill",
    sourceId: expect.stringMatching(/^[0-9a-f]{32}$/),
    createdBy: "backfill-umnico-conversations.ts",
    runId: document.runId,
    contentMd5: expect.any(String),
    direction: "outgoing",
    hasAttachments: true,
  });
});

test("a message without a text is a placeholder where something is attached, and else skipped", async () => {
  const at = "2025-11-25T07:40:00.000Z";
  umnico.dialogs = [
    dialogOf("501", [
      { text: " ", at, hasAttachments: true },
      { text: "\n", at },
      { text: "", at },
    ]),
  ];
  const { document } = await runTwice(db, umnico);
  expect(document).toMatchObject({ stats: { messagesInserted: 1 }, skipped: { empty: 2 }, status: "completed" });
  expect((await rowsOf(db, "Message")).map(({ content }) => content)).toEqual(["[attachment]"]);
});

test("a dialog without an id is skipped and counted; one that is listed twice is asked for once", async () => {
  umnico.dialogs = [dialogOf("501", talk(3)), { id: null, messages: [] }, { id: "", messages: [] }];
  umnico.dialogs.push(dialogOf("501", talk(3)));
  const { document } = await runTwice(db, umnico);
  expect(document.stats).toMatchObject({ dialogsTotal: 3, dialogsProcessed: 1, dialogsSkipped: 2 });
  expect(document.skipped).toMatchObject({ noId: 2 });
  expect(umnico.requests("/messages")).toHaveLength(1);
});

test("a dialog that is gone between list and read is skipped, and that is no failure", async () => {
  umnico.dialogs = [dialogOf("501", talk(3)), dialogOf("502", talk(3), { gone: true })];
  const { document, exitCode, output } = await runTwice(db, umnico);
  expect(document).toMatchObject({ stats: { dialogsSkipped: 1, errors: 0 }, skipped: { gone: 1 } });
  expect(exitCode).toBe(0);
  expect(output).toContain("Dialog 502 (995599***): skipped, the service does not have it any more");
});

test("ids are asked for as they are, however they look", async () => {
  const ids = ["a/b", "1:x?y#z", "%2F", "ключ 1", "../health", "'; drop table x; --"];
  umnico.dialogs = ids.map((id) => dialogOf(id, talk(2), { phone: `Name of ${id}` }));
  const { document } = await runTwice(db, umnico);
  expect(document.stats).toMatchObject({ dialogsProcessed: ids.length, messagesInserted: 2 * ids.length, errors: 0 });
  expect(Object.keys(await storedTalks(db)).sort()).toEqual(ids.toSorted());
});

test("nicks, names and channels become what they are", async () => {
  const telegram = { clientTelegram: "@Ivan_P", channel: "telegram" };
  umnico.version = 2;
  umnico.dialogs = [
    dialogOf("501", talk(1), { phone: "Иван", answer: telegram }),
    dialogOf("502", talk(1), { phone: "@ivan_p", answer: { channel: null } }),
    dialogOf("503", talk(1), { phone: "Иван", answer: { channel: "unknown", clientPhone: "+7 (999) 123-45-67" } }),
    dialogOf("504", talk(1), { phone: "Иван", answer: { channel: "vk" } }),
    dialogOf("505", talk(1), { phone: "Иван", answer: { clientTelegram: "ivan_p", channel: "" } }),
  ];
  const { document } = await runTwice(db, umnico);
  expect(document.stats).toMatchObject({ customersCreated: 3, conversationsCreated: 5 });
  const { rows } = await db.query(
    `select c.external_id, c.channel, k.name, k.phone,
            (select array_agg(external_id order by external_id) from external_refs r
              where r.entity_id = k.id and r.entity_type = 'nick' and r.system = 'umnico') as nicks
       from "Conversation" c join "Customer" k on k.id = c.customer_id order by 1`,
  );
  expect(rows).toEqual([
    { external_id: "501", channel: "telegram", name: "Иван", phone: null, nicks: ["Ivan_P", "ivan_p"] },
    { external_id: "502", channel: "whatsapp", name: "Иван", phone: null, nicks: ["Ivan_P", "ivan_p"] },
    { external_id: "503", channel: "other", name: "Иван", phone: "79991234567", nicks: null },
    { external_id: "504", channel: "other", name: "Иван", phone: null, nicks: null },
    { external_id: "505", channel: "whatsapp", name: "Иван", phone: null, nicks: ["Ivan_P", "ivan_p"] },
  ]);
});
