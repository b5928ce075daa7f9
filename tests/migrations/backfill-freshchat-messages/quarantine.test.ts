import { expect, test } from "@jest/globals";
import { runChecks } from "../../../scripts/lib/checks.ts";
import { withDatabase } from "../../../scripts/lib/db/database.ts";
import batch from "../../../scripts/migrations/backfill-freshchat-messages.ts";
import { allowMessages, refuseMessages } from "../../helpers/audits.ts";
import { useDatabase } from "../../helpers/database.ts";
import { numbersOf, runInProcess } from "../../helpers/script.ts";
import { message, messages, type Wire } from "../../helpers/stand-ins/freshchat.ts";
import { fileOf } from "../rollback/rollback.ts";
import { addTalk, metadataOf, storedMessages, useFolder, useFreshchat } from "./test-bed.ts";

const db = useDatabase();
const freshchat = useFreshchat();
const folder = useFolder();

const run = (...argv: string[]) => runInProcess(batch, db, argv);

const unresolved = async () =>
  (await db.query("select item_key as key, code from migration_errors where resolved_at is null order by 1")).rows;

/** The checks of verify.sql that found something. */
const brokenChecks = () =>
  withDatabase(db.address, { max: 1 }, async (database) =>
    (await runChecks(database, fileOf(7, "verify"))).filter(({ count, error }) => count > 0 || error !== undefined),
  );

/** The service answers so about one conversation, however often it is asked. */
const breakTalk = (id: string, answer: { status: number; body: unknown }) =>
  freshchat.faults.push({ when: ({ path }) => path.includes(`/${id}/`), times: 1_000, answer });

const dryEqualsReal = async (...argv: string[]) => {
  const dry = await run(...argv, "--dry-run");
  const real = await run(...argv);
  expect(withoutTime(dry)).toEqual(withoutTime(real));
  return real;
};

const withoutTime = (ran: Parameters<typeof numbersOf>[0]) => {
  const { stats, errors, ...rest } = numbersOf(ran);
  // A run lists its errors by their keys, a dry run as they come.
  const sorted = errors.toSorted((a, b) => (a.key < b.key ? -1 : 1));
  return { ...rest, errors: sorted, stats: { ...stats, durationSeconds: 0 } };
};

test.each<{ fields: Wire; code: string }>([
  { fields: { id: undefined }, code: "NO_ID" },
  { fields: { message_parts: null }, code: "NO_PARTS" },
  { fields: { created_time: "soon" }, code: "TIME" },
  { fields: { actor_type: "robot" }, code: "ACTOR" },
  { fields: { message_parts: "text" }, code: "SCHEMA" },
])("a message with $fields costs itself alone: $code", async ({ fields, code }) => {
  const all = messages("c1", 120);
  all[60] = { ...message("c1", 61), ...fields };
  await addTalk(db, freshchat, "c1", all);
  if (code === "TIME") freshchat.variant = { paging: "numbers" };
  const { document, exitCode, output } = await dryEqualsReal();
  expect(document.stats).toMatchObject({
    messagesFetched: 120,
    totalMessagesInserted: 119,
    totalMessagesFailed: 1,
    errors: 1,
  });
  expect(exitCode).toBe(1);
  expect(output).toContain("✓ Conversation c1: 119 new, 0 skipped, 1 failed, 120 total");
  expect(await unresolved()).toEqual([{ key: expect.stringMatching(/^c1\//), code }]);
  const again = await run();
  expect(again).toMatchObject({ exitCode: 1, document: { stats: { totalMessagesInserted: 0, errors: 1 } } });
});

test("a message that the database refuses costs itself alone, and is stored by --retry-errors", async () => {
  await addTalk(db, freshchat, "c1", [
    ...messages("c1", 80),
    message("c1", 81, { message_parts: [{ text: { content: "bad" } }] }),
  ]);
  await refuseMessages(db, "bad");
  const first = await run();
  expect(first).toMatchObject({
    exitCode: 1,
    document: { stats: { totalMessagesInserted: 80, totalMessagesFailed: 1 } },
  });
  expect(await unresolved()).toEqual([{ key: "c1/c1-m81", code: "23514" }]);
  await allowMessages(db);
  const second = await run();
  expect(second.document.stats).toMatchObject({ totalMessagesInserted: 0, errors: 1 });
  freshchat.asked.length = 0;
  const retried = await dryEqualsReal("--retry-errors");
  expect(retried).toMatchObject({ exitCode: 0, document: { stats: { totalMessagesInserted: 1, errors: 0 } } });
  // The dry run and the real one each found it on the first page.
  expect(freshchat.asked).toHaveLength(2);
  expect(await unresolved()).toEqual([]);
});

test("a message that was mended at the service is found on its page by --retry-errors", async () => {
  const all = messages("c1", 200);
  all[20] = message("c1", 21, { message_parts: [] });
  await addTalk(db, freshchat, "c1", all);
  await run();
  const still = await dryEqualsReal("--retry-errors");
  expect(still).toMatchObject({ exitCode: 1, document: { stats: { totalMessagesInserted: 0, errors: 1 } } });
  freshchat.conversations.get("c1")?.splice(20, 1, message("c1", 21));
  expect(await dryEqualsReal("--retry-errors")).toMatchObject({
    exitCode: 0,
    document: { stats: { totalMessagesInserted: 1 } },
  });
  expect(await storedMessages(db)).toHaveLength(200);
});

test("a message that is gone at the service leaves the quarantine", async () => {
  await addTalk(db, freshchat, "c1", [...messages("c1", 3), message("c1", 4, { actor_type: "robot" })]);
  await run();
  freshchat.conversations.get("c1")?.pop();
  const { exitCode, output } = await run("--retry-errors");
  expect(output).toContain("1 quarantined items are gone");
  expect(exitCode).toBe(0);
});

test("a conversation that the service refuses costs itself alone, and is not asked for again", async () => {
  for (const id of ["a", "b", "c"]) await addTalk(db, freshchat, id, messages(id, 5));
  breakTalk("b", { status: 400, body: { code: 400, status: "BAD_REQUEST", message: "no" } });
  const first = await dryEqualsReal();
  expect(first).toMatchObject({
    exitCode: 1,
    document: {
      stats: {
        totalConversations: 3,
        conversationsProcessed: 2,
        conversationsFailed: 1,
        messagesFetched: 10,
        errors: 1,
      },
    },
  });
  expect(first.output).toMatch(/✗ Conversation b: Freshchat answered 400/);
  expect(await unresolved()).toEqual([{ key: "b", code: "HTTP_400" }]);
  freshchat.asked.length = 0;
  const second = await dryEqualsReal();
  expect(second).toMatchObject({ exitCode: 1, document: { stats: { conversationsFailed: 1, totalConversations: 3 } } });
  expect(freshchat.asked.filter(({ path }) => path.includes("/b/"))).toEqual([]);
  freshchat.faults.length = 0;
  const retried = await dryEqualsReal("--retry-errors");
  expect(retried).toMatchObject({
    exitCode: 0,
    document: { stats: { totalConversations: 1, conversationsProcessed: 1, totalMessagesInserted: 5, errors: 0 } },
  });
  expect(await storedMessages(db, "b")).toHaveLength(5);
});

test("a conversation of one message that was refused is retried, rehearsed and run", async () => {
  await addTalk(db, freshchat, "a", messages("a", 1));
  breakTalk("a", { status: 400, body: {} });
  await run();
  freshchat.faults.length = 0;
  expect(await dryEqualsReal("--retry-errors")).toMatchObject({ exitCode: 0, document: { stats: { errors: 0 } } });
});

test("a new conversation that the database refuses failed as a whole, however many pages it has", async () => {
  for (const id of ["a/b", "c"]) freshchat.conversations.set(id, messages(id, 120));
  const file = await folder.write("ids.txt", "a/b\nc\n");
  await db.query(`alter table "Conversation" add constraint no_slash check (external_id !~ '/')`);
  const first = await run("--conversations-file", file);
  const failed = {
    totalConversations: 2,
    conversationsProcessed: 1,
    conversationsFailed: 1,
    messagesFetched: 120,
    totalMessagesFailed: 0,
    errors: 1,
  };
  expect(first).toMatchObject({ exitCode: 1, document: { stats: { ...failed, totalMessagesInserted: 120 } } });
  expect(first.output).toContain("✗ Conversation a/b: in quarantine");
  expect(first.output).not.toContain("✓ Conversation a/b");
  expect(await unresolved()).toEqual([{ key: "a%2Fb", code: "23514" }]);
  freshchat.asked.length = 0;
  const second = await dryEqualsReal("--conversations-file", file);
  expect(second).toMatchObject({ exitCode: 1, document: { stats: { ...failed, messagesFetched: 50 } } });
  expect(freshchat.asked.filter(({ path }) => path.includes("a/b"))).toEqual([]);
  expect(await run("--retry-errors")).toMatchObject({
    exitCode: 1,
    document: { stats: { conversationsFailed: 1, totalMessagesFailed: 0, errors: 1 } },
  });
  await db.query('alter table "Conversation" drop constraint no_slash');
  expect(await dryEqualsReal("--retry-errors")).toMatchObject({
    exitCode: 0,
    document: { stats: { conversationsProcessed: 1, totalMessagesInserted: 120, errors: 0 } },
  });
  expect(await storedMessages(db, "a/b")).toHaveLength(120);
});

test("ids with a slash or a percent sign name what they name, in the quarantine and out of it", async () => {
  const ids = ["a", "a/b", "a%2Fb", "a%b"];
  for (const id of ids) await addTalk(db, freshchat, id, [message(id, 1), message(id, 2, { actor_type: "robot" })]);
  freshchat.conversations.get("a")?.push(message("a", 3, { id: "b/c" }));
  freshchat.conversations.get("a/b")?.push(message("a/b", 3, { id: "c" }));
  expect((await dryEqualsReal()).document.stats).toMatchObject({ totalMessagesInserted: 6, errors: 4 });
  expect((await run()).document.stats).toMatchObject({ totalMessagesInserted: 0, messagesExisting: 6, errors: 4 });
  for (const id of ids) freshchat.conversations.get(id)?.splice(1, 1, message(id, 2));
  expect(await dryEqualsReal("--retry-errors")).toMatchObject({
    exitCode: 0,
    document: { stats: { totalMessagesInserted: 4, errors: 0 } },
  });
  const stored = await Promise.all(ids.map(async (id) => (await storedMessages(db, id)).length));
  expect(stored).toEqual([3, 3, 2, 2]);
  expect(await brokenChecks()).toEqual([]);
});

test("a message that had no id is stored once it has one, though nothing of its old name is found", async () => {
  const all = messages("c1", 120);
  all[10] = { ...message("c1", 11), id: undefined };
  await addTalk(db, freshchat, "c1", all);
  await run();
  freshchat.conversations.get("c1")?.splice(10, 1, message("c1", 11));
  const retried = await dryEqualsReal("--retry-errors");
  expect(retried).toMatchObject({ exitCode: 0, document: { stats: { totalMessagesInserted: 1, errors: 0 } } });
  expect(await storedMessages(db)).toHaveLength(120);
});

test("a message that a broken walk does not reach stays in quarantine", async () => {
  const all = messages("c1", 120);
  all[10] = message("c1", 11, { message_parts: [] });
  await addTalk(db, freshchat, "c1", all);
  await run();
  const href = "/v2/conversations/c1/messages?page=1&from_time=2023-01-01T00:00:00.000Z";
  const empty = { body: { messages: [], link: { href } } };
  freshchat.faults.push({ when: ({ query }) => query.has("from_time"), times: 2, answer: empty });
  expect(await dryEqualsReal("--retry-errors")).toMatchObject({ exitCode: 1, document: { stats: { errors: 1 } } });
  expect(await unresolved()).toEqual([{ key: "c1/c1-m11", code: "NOT_SHOWN" }]);
  expect(await dryEqualsReal("--retry-errors")).toMatchObject({ exitCode: 1, document: { stats: { errors: 1 } } });
  expect(await unresolved()).toEqual([{ key: "c1/c1-m11", code: "NO_PARTS" }]);
});

test("--retry-errors keeps in quarantine what is refused again, and lets go of what is gone", async () => {
  for (const id of ["a", "b"]) await addTalk(db, freshchat, id, messages(id, 5));
  for (const id of ["a", "b"]) breakTalk(id, { status: 400, body: {} });
  await run();
  freshchat.faults.shift();
  freshchat.conversations.delete("a");
  const { document, exitCode } = await dryEqualsReal("--retry-errors");
  expect(document.stats).toMatchObject({ conversationsFailed: 1, errors: 1 });
  expect(exitCode).toBe(1);
  expect(await unresolved()).toEqual([{ key: "b", code: "HTTP_400" }]);
});

test("a page that comes again sets the conversation aside, and what was stored of it is marked", async () => {
  await addTalk(db, freshchat, "c1", messages("c1", 120));
  await addTalk(db, freshchat, "c2", messages("c2", 3));
  const href = "/v2/conversations/c1/messages?page=1&from_time=2024-01-05T11:11:00.000Z";
  const body = { messages: messages("c1", 120).slice(20, 70), link: { href } };
  freshchat.faults.push({
    when: ({ query, path }) => path.includes("c1") && query.has("from_time"),
    times: 9,
    answer: { body },
  });
  const { document, exitCode } = await dryEqualsReal();
  expect(document.stats).toMatchObject({ conversationsFailed: 1, conversationsProcessed: 1 });
  expect(exitCode).toBe(1);
  expect(await unresolved()).toEqual([{ key: "c1", code: "REPEATED_PAGE" }]);
  expect(await metadataOf(db, "c1")).toMatchObject({ partial: "unfinished" });
  freshchat.faults.length = 0;
  expect(await dryEqualsReal("--retry-errors")).toMatchObject({ exitCode: 0 });
  expect(await metadataOf(db, "c1")).not.toHaveProperty("partial");
  expect(await storedMessages(db, "c1")).toHaveLength(120);
});

test("a page of which nothing can be read stops the run, and nothing of it is set aside", async () => {
  await addTalk(
    db,
    freshchat,
    "c1",
    Array.from({ length: 50 }, (_, n) => message("c1", n, { created_time: "today" })),
  );
  const { document, exitCode } = await run();
  expect(document.message).toMatch(/^All 50 messages of a page are refused/);
  expect(exitCode).toBe(1);
  expect(await unresolved()).toEqual([]);
});

test("twenty conversations refused in a row stop the run", async () => {
  for (let n = 0; n < 25; n++) await addTalk(db, freshchat, `c${n}`, messages(`c${n}`, 1));
  freshchat.faults.push({ times: 1_000, answer: { status: 400, body: {} } });
  const { document, exitCode } = await run();
  expect(document).toMatchObject({ status: "failed", message: expect.stringContaining("20 items in a row") });
  expect(exitCode).toBe(1);
});
