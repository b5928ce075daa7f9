import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import batch from "../../../scripts/migrations/backfill-freshchat-messages.ts";
import { countRows } from "../../helpers/crm.ts";
import { useDatabase } from "../../helpers/database.ts";
import { numbersOf, runCaptured, runInProcess } from "../../helpers/script.ts";
import { message, messages, TOKEN } from "../../helpers/stand-ins/freshchat.ts";
import type { Fault } from "../../helpers/stand-ins/stand-in.ts";
import { addTalk, metadataOf, storedMessages, useFolder, useFreshchat } from "./test-bed.ts";

const db = useDatabase();
const freshchat = useFreshchat();
const folder = useFolder();

const run = (...argv: string[]) => runInProcess(batch, db, argv);
const inTheMiddle: Pick<Fault, "when"> = { when: ({ query }) => query.has("from_time") };

describe("What passes is tried again, and leaves no trace", () => {
  test.each<Fault & { what: string }>([
    { what: "429 with Retry-After", answer: { status: 429, headers: { "retry-after": "1" }, body: {} } },
    {
      what: "429 with Retry-After as a date",
      answer: { status: 429, headers: { "retry-after": new Date(Date.now() + 1_000).toUTCString() }, body: {} },
    },
    {
      what: "429 with the time of the reset",
      answer: {
        status: 429,
        headers: { "x-ratelimit-reset": String(Math.floor(Date.now() / 1_000)) },
        body: { code: 429, status: "TOO_MANY_REQUESTS" },
      },
    },
    { what: "429 without any header", answer: { status: 429, body: "<html>slow down</html>" } },
    { what: "a burst of 500", times: 2, answer: { status: 500, body: { code: 500, message: "oops" } } },
    { what: "503 as HTML", answer: { status: 503, body: "<html>later</html>" } },
    { what: "a connection that breaks in the body", cut: "reset" },
    { what: "a body that is cut short", cut: "truncate" },
    { what: "an answer that takes its time", delayMs: 700 },
  ])("$what", async ({ what: _, ...fault }) => {
    await addTalk(db, freshchat, "c1", messages("c1", 120));
    freshchat.faults.push({ ...inTheMiddle, ...fault });
    expect(await run()).toMatchObject({ exitCode: 0, document: { stats: { totalMessagesInserted: 120, errors: 0 } } });
    expect(await metadataOf(db, "c1")).not.toHaveProperty("partial");
  });
});

describe("What doesn't pass costs the conversation, not the run", () => {
  test.each<Fault & { what: string; code: string; argv?: string[] }>([
    { what: "500 that stays", code: "HTTP_500", answer: { status: 500, body: { message: "oops" } } },
    { what: "a body that is always cut short", code: "NOT_JSON", cut: "truncate" },
    { what: "HTML with 200", code: "NOT_JSON", answer: { body: "<html>login</html>" } },
    { what: "JSON of another shape", code: "SCHEMA", answer: { body: { messages: "none" } } },
    { what: "a connection that always breaks", code: "NETWORK", cut: "reset" },
    { what: "an answer that never comes", code: "TIMEOUT", delayMs: 1_500, argv: ["--timeout", "300ms"] },
  ])("$what", async ({ what: _, code, argv = [], ...fault }) => {
    await addTalk(db, freshchat, "c1", messages("c1", 120));
    await addTalk(db, freshchat, "c2", messages("c2", 3));
    freshchat.faults.push({
      when: ({ path, query }) => path.includes("c1") && query.has("from_time"),
      times: 3,
      ...fault,
    });
    const { document, exitCode } = await run(...argv);
    expect(document.stats).toMatchObject({
      conversationsFailed: 1,
      conversationsProcessed: 1,
      totalMessagesInserted: 53,
    });
    expect(document.errors).toMatchObject([{ key: "c1", code }]);
    expect(exitCode).toBe(1);
    expect(await metadataOf(db, "c1")).toMatchObject({ partial: "unfinished" });
    freshchat.faults.length = 0;
    expect(await run("--retry-errors")).toMatchObject({ exitCode: 0, document: { stats: { errors: 0 } } });
    expect(await metadataOf(db, "c1")).not.toHaveProperty("partial");
    expect(await storedMessages(db)).toHaveLength(123);
  });
});

test.each([
  { status: 401, body: "<html>who are you</html>" },
  { status: 401, body: { code: 401, status: "UNAUTHORIZED", message: "Authentication required" } },
  { status: 403, body: { code: 403, status: "FORBIDDEN", message: "no" } },
])("$status ends the run at once, is not tried again, and shows no token", async (answer) => {
  await addTalk(db, freshchat, "c1", messages("c1", 3));
  freshchat.faults.push({ times: 9, answer });
  const { exitCode, stdout, stderr, json } = await runCaptured(batch, ["--json", "--verbose"], db);
  expect(exitCode).toBe(1);
  expect(json.status).toBe("failed");
  expect(json.message).toMatch(new RegExp(`${answer.status}.*Is FRESHCHAT_TOKEN the token of this account`));
  expect(freshchat.asked).toHaveLength(1);
  expect(stdout + stderr).not.toContain(TOKEN);
  expect(JSON.stringify(await db.snapshot())).not.toContain(TOKEN);
  expect(await countRows(db, "migration_errors")).toBe(0);
});

test("a wait longer than --max-wait ends with 75, is kept, and is honoured by the next run", async () => {
  await addTalk(db, freshchat, "c1", messages("c1", 120));
  freshchat.faults.push({
    ...inTheMiddle,
    answer: { status: 429, headers: { "retry-after": "600" }, body: {} },
  });
  const first = await run();
  expect(first).toMatchObject({ exitCode: 75, document: { status: "waiting" } });
  expect(await countRows(db, "Message")).toBe(50);
  const asked = freshchat.asked.length;
  await expect(run()).rejects.toMatchObject({ name: "MustWait" });
  expect(freshchat.asked).toHaveLength(asked);
  await db.query(`update migration_runs set progress = jsonb_set(progress, '{until}', '"2024-01-01T00:00:00Z"')`);
  expect(await run()).toMatchObject({ exitCode: 0, document: { stats: { totalMessagesInserted: 70 } } });
});

test("a 429 that stays ends with 75", async () => {
  await addTalk(db, freshchat, "c1", messages("c1", 3));
  freshchat.faults.push({ times: 3, answer: { status: 429, body: {} } });
  expect(await run()).toMatchObject({ exitCode: 75 });
});

test("waits for limits are counted", async () => {
  await addTalk(db, freshchat, "c1", messages("c1", 3));
  freshchat.faults.push({ answer: { status: 429, headers: { "retry-after": "1" }, body: {} } });
  const { stats } = (await run()).document;
  expect(stats.requests).toBe(2);
  expect(stats.waitedSeconds).toBeGreaterThanOrEqual(1);
});

test("a conversation that is gone at the service is left out and counted; that is no failure", async () => {
  for (const id of ["a", "b"]) await addTalk(db, freshchat, id, messages(id, 3));
  freshchat.conversations.delete("a");
  const { document, exitCode, output } = await run();
  expect(document.stats).toMatchObject({ totalConversations: 2, conversationsProcessed: 1, messagesFetched: 3 });
  expect(document.skipped).toMatchObject({ gone: 1 });
  expect(exitCode).toBe(0);
  expect(output).toContain("Conversation a: gone at Freshchat");
});

test("one that goes while it is walked is not known to be whole", async () => {
  await addTalk(db, freshchat, "c1", messages("c1", 120));
  freshchat.faults.push({ ...inTheMiddle, answer: { status: 404, body: { code: 404 } } });
  const { document, exitCode } = await run();
  expect(exitCode).toBe(1);
  expect(document.problems).toMatchObject([{ key: "c1", message: "gone at Freshchat before its end" }]);
  expect(await metadataOf(db, "c1")).toMatchObject({ partial: "gone at Freshchat before its end" });
});

test("where none is there, it asks whether the address is right", async () => {
  await addTalk(db, freshchat, "a", []);
  freshchat.conversations.clear();
  expect((await run()).output).toContain("is FRESHCHAT_DOMAIN the right account?");
});

test("an empty page in the middle makes a conversation partial, until it is shown to be whole", async () => {
  await addTalk(db, freshchat, "c1", messages("c1", 120));
  const empty = {
    messages: [],
    link: { href: "/v2/conversations/c1/messages?page=1&from_time=2023-01-01T00:00:00.000Z" },
  };
  freshchat.faults.push({ ...inTheMiddle, times: 2, answer: { body: empty } });
  const first = await run();
  expect(first).toMatchObject({ exitCode: 1, document: { status: "completed_with_errors" } });
  expect(first.document.problems).toMatchObject([{ key: "c1", message: "an empty page in the middle" }]);
  expect(await metadataOf(db, "c1")).toMatchObject({ partial: "an empty page in the middle" });
  expect(await run("--allow-partial")).toMatchObject({ exitCode: 0 });
  expect(await run()).toMatchObject({ exitCode: 0, document: { stats: { totalMessagesInserted: 70 } } });
  expect(await metadataOf(db, "c1")).not.toHaveProperty("partial");
});

test("a service that can't be reached stops the run with one line", async () => {
  await addTalk(db, freshchat, "c1", messages("c1", 3));
  process.env.FRESHCHAT_URL = "http://127.0.0.1:1";
  const { document, exitCode } = await run();
  expect(document).toMatchObject({ status: "failed", message: expect.stringContaining("Freshchat") });
  expect(exitCode).toBe(1);
});

test("answers that were kept can be played again without the service, and hold no token", async () => {
  const odd = message("c1", 121, { message_parts: [] });
  await addTalk(db, freshchat, "c1", [...messages("c1", 120), odd]);
  await addTalk(db, freshchat, "c2", messages("c2", 3));
  const recorded = await run("--record", folder.path, "--dry-run");
  for (const name of await readdir(folder.path))
    expect(await readFile(join(folder.path, name), "utf8")).not.toContain(TOKEN);
  freshchat.asked.length = 0;
  for (const name of ["FRESHCHAT_URL", "FRESHCHAT_TOKEN", "RATE_LIMIT_DELAY", "PAGE_DELAY"]) delete process.env[name];
  const replayed = await run("--replay", folder.path);
  expect(freshchat.asked).toEqual([]);
  const untimed = (ran: typeof recorded) => ({
    ...numbersOf(ran),
    stats: { ...ran.document.stats, durationSeconds: 0 },
  });
  expect(untimed(replayed)).toEqual(untimed(recorded));
  expect(await storedMessages(db)).toHaveLength(123);
});
