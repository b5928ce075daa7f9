import { expect, test } from "@jest/globals";
import batch from "../../../scripts/migrations/backfill-freshchat-messages.ts";
import { allowMessages, refuseMessages } from "../../helpers/audits.ts";
import { useDatabase } from "../../helpers/database.ts";
import { numbersOf, runInProcess } from "../../helpers/script.ts";
import { message, messages, type Wire } from "../../helpers/stand-ins/freshchat.ts";
import { addTalk, metadataOf, storedMessages, useFreshchat } from "./test-bed.ts";

const db = useDatabase();
const freshchat = useFreshchat();

const run = (...argv: string[]) => runInProcess(batch, db, argv);

const unresolved = async () =>
  (await db.query("select item_key as key, code from migration_errors where resolved_at is null order by 1")).rows;

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
  const { stats, ...rest } = numbersOf(ran);
  return { ...rest, stats: { ...stats, durationSeconds: 0 } };
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
