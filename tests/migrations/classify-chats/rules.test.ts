import { expect, test } from "@jest/globals";
import batch from "../../../scripts/migrations/classify-chats.ts";
import { addMessage, addRow, rowsOf } from "../../helpers/crm.ts";
import { useDatabase } from "../../helpers/database.ts";
import { numbersOf, runInProcess } from "../../helpers/script.ts";
import { addChat, addChats, tagsOf } from "./chats.ts";

const db = useDatabase();

const REFUND = ["I want my money back for order 12", "We will look into it."];
const SPAM = ["Earn 5000 $ a day from home! Click https://example.test/win now, limited offer!!!"];

test("Every conversation gets a tag with what is known about it, and a dry run foretells the numbers", async () => {
  await addChat(db, REFUND, { started_at: "2025-01-01T00:00:00Z" });
  await addChat(db, SPAM, { started_at: "2025-01-02T00:00:00Z" });
  await addChat(db, [], { started_at: "2025-01-03T00:00:00Z" });
  const dry = await runInProcess(batch, db, ["--dry-run"]);
  expect((await tagsOf(db)).map(({ tag }) => tag)).toEqual([null, null, null]);
  const run = await runInProcess(batch, db);
  expect(numbersOf(run)).toEqual(numbersOf(dry));
  expect(run.document.stats).toMatchObject({ conversationsTotal: 3, conversationsTagged: 3, errors: 0, requests: 0 });
  const tags = await tagsOf(db);
  expect(tags.map(({ tag }) => tag)).toEqual(["refund_requested", "spam", "untagged"]);
  for (const { tag, tagged, classification } of tags) {
    expect(tagged).toBe(true);
    expect(classification).toMatchObject({ tag, classifier: "rules", runId: run.document.runId });
    expect(classification?.hash).toMatch(/^[0-9a-f]{32}$/);
    expect(classification?.confidence).toBeGreaterThan(0);
  }
});

test("A second run asks only about what is new", async () => {
  const [first] = [await addChat(db, REFUND), await addChat(db, SPAM)];
  await runInProcess(batch, db);
  const before = await db.snapshot();
  expect((await runInProcess(batch, db)).document.stats).toMatchObject({
    conversationsTagged: 0,
    conversationsUnchanged: 2,
  });
  expect(await db.snapshot()).toEqual(before);
  await addMessage(db, first, { content: "Are you there?", created_at: "2025-02-01T00:00:00Z" });
  const { document, output } = await runInProcess(batch, db, ["--verbose"]);
  expect(document.stats).toMatchObject({ conversationsTotal: 2, conversationsSkipped: 0, errors: 0 });
  expect(output.match(/ known$/gm)).toHaveLength(1);
  const [{ hash: old }] = [(await tagsOf(db)).find(({ id }) => id === first)?.classification ?? {}];
  expect(JSON.stringify(before)).not.toContain(String(old));
});

test("A tag that a person gave stays, also one that was a classifier's before", async () => {
  const mine = await addChat(db, REFUND, { tag: "vip", started_at: "2025-01-01T00:00:00Z" });
  const changed = await addChat(db, SPAM, { started_at: "2025-01-02T00:00:00Z" });
  await runInProcess(batch, db);
  await db.query(`update "Conversation" set tag = 'vip' where id = $1`, [changed]);
  const { document } = await runInProcess(batch, db, ["--restart"]);
  expect(document).toMatchObject({ stats: { conversationsSkipped: 2 }, skipped: { byHand: 2 } });
  expect((await tagsOf(db)).map(({ id, tag }) => [id, tag])).toEqual([
    [mine, "vip"],
    [changed, "vip"],
  ]);
});

test("An unanswered customer is told from one who wrote just now", async () => {
  const old = await addChat(db, ["Hello?"]);
  await runInProcess(batch, db, ["--no-reply-after", "20000h"]);
  const [{ tag } = { tag: null }] = await tagsOf(db);
  expect(tag).not.toBe("no_reply");
  await runInProcess(batch, db, ["--no-reply-after", "1h"]);
  expect(await tagsOf(db)).toMatchObject([{ id: old, tag: "no_reply" }]);
});

test("Private notes are not read", async () => {
  const id = await addChat(db, ["Good day"]);
  await addMessage(db, id, { role: "system", content: "He wants a refund!", metadata: { private: true } });
  await runInProcess(batch, db);
  const [before] = await tagsOf(db);
  await db.query(`delete from "Message" where role = 'system'`);
  const { document } = await runInProcess(batch, db);
  expect(document.stats).toMatchObject({ conversationsUnchanged: 1 });
  expect((await tagsOf(db))[0]).toEqual(before);
});

test("--channel takes only these, and --limit stops and goes on", async () => {
  await addChat(db, REFUND, { channel: "sms" });
  for (let n = 0; n < 3; n++) await addChat(db, SPAM);
  const argv = ["--channel", "whatsapp"];
  const first = await runInProcess(batch, db, [...argv, "--limit", "2"]);
  expect(first).toMatchObject({ exitCode: 0, document: { stats: { conversationsTotal: 2 } } });
  const rest = await runInProcess(batch, db, argv);
  expect(rest.document).toMatchObject({ resumedFrom: first.document.runId, stats: { conversationsTagged: 1 } });
  expect((await tagsOf(db)).filter(({ tag }) => tag === null)).toHaveLength(1);
});

test("Stores are told how many conversations have which tag, and the newest sync how many were classified", async () => {
  await db.query(`insert into stores (id, name) values ('s1', 'Shop'), ('s2', 'Empty')`);
  await db.query(
    `insert into sync_logs (store_id, sync_type, status) values ('s1', 'full', 'success'), ('s1', 'full', 'success')`,
  );
  for (const lines of [REFUND, SPAM, SPAM]) await addChat(db, lines, { channel: "wildberries", store_id: "s1" });
  await runInProcess(batch, db);
  expect(await rowsOf(db, "stores", "id")).toMatchObject([
    { chat_tag_counts: { refund_requested: 1, spam: 2 } },
    { chat_tag_counts: null },
  ]);
  expect((await rowsOf(db, "sync_logs", "id")).map((row) => row.chats_classified)).toEqual([0, 3]);
});

test("Other tags come from a file, and a rule for a tag that is not there stays silent", async () => {
  await addChat(db, REFUND);
  const tags = "tests/migrations/classify-chats/two-tags.json";
  await runInProcess(batch, db, ["--tags", tags]);
  expect((await tagsOf(db))[0]?.tag).not.toBe("refund_requested");
});

test("A row that the database refuses costs one row", async () => {
  for (const lines of [REFUND, SPAM, REFUND]) await addChat(db, lines);
  await db.query(`alter table "Conversation" add constraint no_spam check (tag <> 'spam') not valid`);
  const { document, exitCode } = await runInProcess(batch, db);
  expect({ exitCode, stats: document.stats }).toMatchObject({
    exitCode: 1,
    stats: { conversationsTagged: 2, errors: 1 },
  });
  await db.query(`alter table "Conversation" drop constraint no_spam`);
  expect((await runInProcess(batch, db)).document.stats).toMatchObject({ conversationsTagged: 0, errors: 1 });
  expect(await runInProcess(batch, db, ["--retry-errors"])).toMatchObject({
    exitCode: 0,
    document: { stats: { conversationsTagged: 1, errors: 0 } },
  });
});

test("A conversation of 200,000 messages is read by its ends", async () => {
  const id = await addRow(db, "Conversation", { channel: "sms" });
  await db.query(
    `insert into "Message" (conversation_id, role, content, created_at)
     select $1, 'user', repeat('word ', 20) || n, timestamptz '2025-01-01' + n * interval '1 second' from generate_series(1, 200000) n`,
    [id],
  );
  await db.query("analyze");
  const startedAt = performance.now();
  await runInProcess(batch, db);
  expect(performance.now() - startedAt).toBeLessThan(3_000);
  expect(await tagsOf(db)).toMatchObject([{ tagged: true }]);
});

test("Thousands of conversations are all tagged, each once", async () => {
  await addChats(db, 3_000);
  const { document } = await runInProcess(batch, db);
  expect(document.stats).toMatchObject({ conversationsTotal: 3_000, conversationsTagged: 3_000, errors: 0 });
  expect(new Set((await tagsOf(db)).map(({ tag }) => tag)).size).toBe(1);
});
