import { expect, test } from "@jest/globals";
import batch from "../../../scripts/migrations/backfill-freshchat-messages.ts";
import { addConversation, addMessage, countRows } from "../../helpers/crm.ts";
import { useDatabase } from "../../helpers/database.ts";
import { runInProcess } from "../../helpers/script.ts";
import { message, messages, type Variant } from "../../helpers/stand-ins/freshchat.ts";
import { addTalk, metadataOf, requestsTo, storedMessages, useFreshchat } from "./test-bed.ts";

const db = useDatabase();
const freshchat = useFreshchat();

const run = (...argv: string[]) => runInProcess(batch, db, argv);
const newest = (id: string) => `/v2/conversations/${id}/messages?page=1&items_per_page=50`;

/** What must be stored of a message that is only text. */
const asStored = (wire: ReturnType<typeof message>) => ({
  id: wire.id,
  role: wire.actor_type === "agent" ? "assistant" : "user",
  content: `text ${String(wire.id).split("-m")[1]}`,
  at: new Date(String(wire.created_time)),
});

const VARIANTS: readonly Variant[] = [
  { paging: "link", border: "inclusive", shuffled: true },
  { paging: "link", border: "exclusive", mostOnPage: 20, absolute: true },
  { paging: "numbers", shuffled: true },
];

test.each(VARIANTS)("thousands of messages come to us as they are, once, and only once: %j", async (variant) => {
  freshchat.variant = variant;
  const talks = Array.from({ length: 12 }, (_, index) => [`c${index}`, 1 + index * 37] as const);
  for (const [id, count] of talks) await addTalk(db, freshchat, id, messages(id, count));
  const total = talks.reduce((sum, [, count]) => sum + count, 0);
  const first = await run();
  expect(first).toMatchObject({
    exitCode: 0,
    document: {
      stats: {
        totalConversations: 12,
        conversationsProcessed: 12,
        conversationsFailed: 0,
        messagesFetched: total,
        totalMessagesInserted: total,
        messagesExisting: 0,
        requests: freshchat.asked.length,
      },
    },
  });
  for (const [id] of talks) {
    const wanted = (freshchat.conversations.get(id) ?? []).map(asStored);
    expect((await storedMessages(db, id)).map(({ metadata: _, ...rest }) => rest)).toEqual(wanted);
  }
  const state = await db.snapshot();
  freshchat.asked.length = 0;
  const second = await run();
  expect(second.document.stats).toMatchObject({ totalMessagesInserted: 0, conversationsUpdated: 0 });
  expect(requestsTo(freshchat).toSorted()).toEqual(talks.map(([id]) => newest(id)).toSorted());
  expect(await db.snapshot()).toEqual(state);
  expect(second.exitCode).toBe(0);
});

test("new messages are fetched up to where everything is known", async () => {
  await addTalk(db, freshchat, "c1", messages("c1", 300));
  await run();
  freshchat.conversations.get("c1")?.push(message("c1", 301), message("c1", 302));
  freshchat.asked.length = 0;
  const { output, document } = await run();
  expect(document.stats).toMatchObject({ totalMessagesInserted: 2, messagesExisting: 98, messagesFetched: 100 });
  expect(freshchat.asked).toHaveLength(2);
  expect(output).toContain("✓ Conversation c1: 2 new, 98 skipped, 100 total");
  expect(await metadataOf(db, "c1")).not.toHaveProperty("partial");
  expect(await storedMessages(db)).toHaveLength(302);
});

test("a page of new system messages is no reason to stop", async () => {
  await addTalk(db, freshchat, "c1", messages("c1", 60));
  await run();
  const more = Array.from({ length: 90 }, (_, index) =>
    message("c1", 61 + index, index < 30 ? {} : { actor_type: "system" }),
  );
  freshchat.conversations.get("c1")?.push(...more);
  expect((await run()).document.stats).toMatchObject({ totalMessagesInserted: 30 });
  expect(await storedMessages(db)).toHaveLength(90);
});

test("the line of a conversation sums up all its pages", async () => {
  const all = [
    ...messages("abc", 117),
    message("abc", 118, { message_type: "system" }),
    ...[119, 120].map((n) => message("abc", n)),
  ];
  await addTalk(db, freshchat, "abc", all);
  expect((await run()).output).toMatch(/^ +✓ Conversation abc: 119 new, 1 skipped, 120 total$/m);
  await db.query(`delete from "Message" where metadata ->> 'sourceId' in ('abc-m120', 'abc-m3')`);
  await db.query(`update "Conversation" set metadata = '{"partial": "unfinished"}'`);
  expect((await run()).output).toMatch(/^ +✓ Conversation abc: 2 new, 118 skipped, 120 total$/m);
});

test("fetched messages are those inserted, known, filtered and failed", async () => {
  const odd = [
    message("c1", 201, { message_type: "system" }),
    message("c1", 202, { message_type: "private" }),
    message("c1", 203, { message_parts: [] }),
  ];
  await addTalk(db, freshchat, "c1", [...messages("c1", 100), ...odd]);
  freshchat.conversations.set("c2", messages("c2", 1));
  const { document, exitCode } = await run("--since", "2024-01-05T10:21:00.000Z", "--no-private");
  const { stats } = document;
  expect(stats).toMatchObject({
    messagesFetched: 103,
    totalMessagesInserted: 80,
    messagesExisting: 0,
    messagesFiltered: 22,
    totalMessagesFailed: 1,
  });
  expect(document.skipped).toEqual({ filtered: 2, outsideWindow: 20, gone: 0 });
  expect(exitCode).toBe(1);
});

test("a conversation that others wrote is used, its own messages are left alone, and it is walked to its end", async () => {
  const row = await addTalk(db, freshchat, "c1", messages("c1", 120));
  for (const n of [119, 120]) await addMessage(db, row, { content: "theirs", metadata: { sourceId: `c1-m${n}` } });
  const live = await addMessage(db, row, { content: "live" });
  const { document } = await run();
  expect(document.stats).toMatchObject({ totalMessagesInserted: 118, messagesExisting: 2, conversationsCreated: 0 });
  expect(await countRows(db, "Message")).toBe(121);
  expect((await db.query('select content from "Message" where id = $1', [live])).rows).toEqual([{ content: "live" }]);
});

test("the last message and its preview follow, also where pages come newest first", async () => {
  freshchat.variant = { shuffled: true };
  await addTalk(db, freshchat, "c1", messages("c1", 120));
  await run();
  const { rows } = await db.query('select last_message_at, last_message_preview from "Conversation"');
  expect(rows).toEqual([{ last_message_at: new Date("2024-01-05T12:00:00Z"), last_message_preview: "text 120" }]);
});

test("of two rows of one conversation one is walked, and none of another channel", async () => {
  await addTalk(db, freshchat, "c1", messages("c1", 3));
  await addTalk(db, freshchat, "c1", messages("c1", 3));
  await addConversation(db, { channel: "messenger", external_id: "c2" });
  for (const external_id of ["", null]) await addConversation(db, { channel: "freshchat", external_id });
  expect((await run()).document.stats).toMatchObject({ totalConversations: 1, totalMessagesInserted: 3 });
  expect(freshchat.asked).toHaveLength(1);
});

test("conversations are walked oldest first", async () => {
  for (const [id, started_at] of [
    ["young", "2024-03-01Z"],
    ["old", "2024-01-01Z"],
    ["middle", "2024-02-01Z"],
  ] as const) {
    freshchat.conversations.set(id, messages(id, 1));
    await addConversation(db, { channel: "freshchat", external_id: id, started_at });
  }
  await run();
  expect(requestsTo(freshchat)).toEqual(["old", "middle", "young"].map(newest));
});
