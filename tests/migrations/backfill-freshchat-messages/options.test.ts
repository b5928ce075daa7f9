import { describe, expect, test } from "@jest/globals";
import batch from "../../../scripts/migrations/backfill-freshchat-messages.ts";
import { useDatabase } from "../../helpers/database.ts";
import { runCaptured, runInProcess, runShell } from "../../helpers/script.ts";
import { environmentOf, message, messages, TOKEN } from "../../helpers/stand-ins/freshchat.ts";
import { addTalk, metadataOf, requestsTo, storedMessages, useFolder, useFreshchat } from "./test-bed.ts";

const db = useDatabase();
const freshchat = useFreshchat();
const folder = useFolder();

const run = (...argv: string[]) => runInProcess(batch, db, argv);
const idsOf = async (id?: string) => (await storedMessages(db, id)).map((stored) => stored.id);
const from = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, n) => `c1-m${first + n}`);
/** When message n of `messages` was written. */
const at = (n: number) => new Date(Date.parse("2024-01-05T10:00:00Z") + n * 60_000).toISOString();

describe("--since and --until", () => {
  test("take messages by the time at which they were written, and stop behind it", async () => {
    await addTalk(db, freshchat, "c1", messages("c1", 300));
    const { document, exitCode } = await run("--since", at(240), "--until", at(260));
    expect(await idsOf()).toEqual(from(240, 260));
    expect(document.skipped).toMatchObject({ outsideWindow: 40 + 39 + 50 });
    expect(freshchat.asked).toHaveLength(3);
    expect(await metadataOf(db, "c1")).toMatchObject({ window: `since ${at(240)}` });
    expect(exitCode).toBe(0);
  });

  test("leave a conversation that the next run walks to its end", async () => {
    await addTalk(db, freshchat, "c1", messages("c1", 200));
    await run("--since", at(150));
    expect((await run()).document.stats).toMatchObject({ totalMessagesInserted: 149, messagesExisting: 51 });
    expect(await metadataOf(db, "c1")).not.toHaveProperty("window");
  });

  test("leave a whole conversation whole where nothing is left out", async () => {
    await addTalk(db, freshchat, "c1", messages("c1", 200));
    await run();
    freshchat.conversations.get("c1")?.push(message("c1", 201));
    freshchat.asked.length = 0;
    await run("--since", at(190));
    expect(await metadataOf(db, "c1")).not.toHaveProperty("window");
    expect(freshchat.asked).toHaveLength(2);
  });

  test("leave a mark on a whole conversation where there is a gap before what they take", async () => {
    await addTalk(db, freshchat, "c1", messages("c1", 100));
    await run();
    freshchat.conversations.set("c1", messages("c1", 220));
    await run("--since", at(210));
    expect(await metadataOf(db, "c1")).toMatchObject({ window: `since ${at(210)}` });
    await run();
    expect(await idsOf()).toEqual(from(1, 220));
  });

  test("alone, the younger end is no window: the next run finds what is younger", async () => {
    await addTalk(db, freshchat, "c1", messages("c1", 200));
    await run("--until", at(60));
    expect(await metadataOf(db, "c1")).not.toHaveProperty("window");
    expect(await idsOf()).toEqual(from(1, 60));
    await run();
    expect(await idsOf()).toEqual(from(1, 200));
  });

  test("take a day as a whole, in UTC", async () => {
    const times = [
      "2024-01-31T23:59:59.999Z",
      "2024-02-01T00:00:00.000Z",
      "2024-02-01T23:59:59.999Z",
      "2024-02-02T00:00:00.000Z",
    ];
    await addTalk(
      db,
      freshchat,
      "c1",
      times.map((created_time, n) => message("c1", n, { created_time })),
    );
    await run("--since", "2024-02-01", "--until", "2024-02-01");
    expect(await idsOf()).toEqual(["c1-m1", "c1-m2"]);
  });
});

describe("Private notes", () => {
  const talk = () => [
    ...messages("c1", 100),
    message("c1", 101, { message_type: "private" }),
    ...[102, 103].map((n) => message("c1", n)),
  ];

  test("are kept as role system, and say so", async () => {
    await addTalk(db, freshchat, "c1", talk());
    await run();
    const [note] = (await storedMessages(db)).filter(({ id }) => id === "c1-m101");
    expect(note).toMatchObject({ role: "system", content: "text 101", metadata: { private: true } });
  });

  test("are left out by --no-private, which a later run without it makes good", async () => {
    await addTalk(db, freshchat, "c1", talk());
    const { document } = await run("--no-private");
    expect(document.stats).toMatchObject({ totalMessagesInserted: 102, messagesFiltered: 1, messagesFetched: 103 });
    freshchat.asked.length = 0;
    expect((await run("--no-private")).document.stats).toMatchObject({ totalMessagesInserted: 0, requests: 1 });
    expect((await run()).document.stats).toMatchObject({ totalMessagesInserted: 1 });
    expect(await metadataOf(db, "c1")).not.toHaveProperty("window");
  });
});

describe("--conversations-file", () => {
  test("adds conversations that our table hasn't, each once, in its order", async () => {
    await addTalk(db, freshchat, "ours", messages("ours", 2));
    for (const id of ["z", "a"]) freshchat.conversations.set(id, messages(id, 60));
    const file = await folder.write("ids.txt", "\uFEFFz\r\n\r\n ours \na\nz\n");
    const { document, exitCode } = await run("--conversations-file", file);
    expect(exitCode).toBe(0);
    expect(document.stats).toMatchObject({
      totalConversations: 3,
      conversationsCreated: 2,
      totalMessagesInserted: 122,
    });
    expect(requestsTo(freshchat).filter((request) => !request.includes("from_time"))).toEqual([
      "/v2/conversations/ours/messages?page=1&items_per_page=50",
      "/v2/conversations/z",
      "/v2/conversations/z/messages?page=1&items_per_page=50",
      "/v2/conversations/a",
      "/v2/conversations/a/messages?page=1&items_per_page=50",
    ]);
    expect(await metadataOf(db, "a")).toMatchObject({
      source: "freshchat_backfill",
      freshchat: { status: "resolved", channelId: "channel-1", userId: "user-1", assignedAgentId: "agent-1" },
    });
    freshchat.asked.length = 0;
    expect((await run("--conversations-file", file)).document.stats).toMatchObject({
      requests: 3,
      totalMessagesInserted: 0,
    });
  });

  test("adds a conversation without messages, too, and none that is unknown", async () => {
    freshchat.conversations.set("quiet", []);
    const file = await folder.write("ids.txt", "quiet\nnobody\n");
    const { document, exitCode } = await run("--conversations-file", file);
    expect(document).toMatchObject({ stats: { conversationsCreated: 1, messagesFetched: 0 }, skipped: { gone: 1 } });
    expect(exitCode).toBe(0);
  });

  test.each([
    { text: undefined, says: "--conversations-file can't be read" },
    { text: "id,name\nc1,Ada\n", says: "line 1 holds more" },
    { text: "c\u00001\u0000", says: "UTF-8; line 1" },
  ])("is refused when it is no such file: $says", async ({ text, says }) => {
    const file = text === undefined ? "/nowhere/ids.txt" : await folder.write("ids.txt", text);
    const { exitCode, stderr } = await runCaptured(batch, ["--conversations-file", file], db);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(says);
  });
});

describe("--conversation", () => {
  test.each([
    [["--conversation", "c1", "c3"]],
    [["--conversation", "c1,c3"]],
    [["--conversation", "c1", "--limit", "5", "--conversation", "c3"]],
  ])("takes one or more: %j", async (argv) => {
    for (const id of ["c1", "c2", "c3"]) await addTalk(db, freshchat, id, messages(id, 1));
    expect((await run(...argv)).document.stats).toMatchObject({ totalConversations: 2 });
    expect((await idsOf()).toSorted()).toEqual(["c1-m1", "c3-m1"]);
  });

  test("takes one of the file, and refuses one that is nowhere", async () => {
    for (const id of ["c1", "c2"]) freshchat.conversations.set(id, messages(id, 1));
    const file = await folder.write("ids.txt", "c1\nc2\n");
    await expect(run("--conversation", "c2")).rejects.toThrow(/no Freshchat conversation c2 in our table/);
    await run("--conversation", "c2", "--conversations-file", file);
    expect(await idsOf()).toEqual(["c2-m1"]);
  });
});

test.each([
  { argv: ["--since", "01.02.2024"], says: "--since takes a day or a time" },
  { argv: ["--until", "2024-02-30"], says: "--until takes a day or a time" },
  { argv: ["--since", "2024-02-02", "--until", "2024-02-01"], says: "--since is later than --until" },
  { argv: ["--batch-size", "0"], says: "--batch-size takes a whole number from 1" },
  { argv: ["--page-delay", "-1"], says: "--page-delay takes a whole number from 0" },
  { argv: ["--conversation", ","], says: "--conversation takes one or more ids" },
  { argv: ["--retry-errors", "--since", "2024-01-01"], says: "leave --since out" },
  { argv: ["--record", "a", "--replay", "b"], says: "--record and --replay exclude each other" },
])("$argv is refused with 2, and nothing is asked for", async ({ argv, says }) => {
  const { exitCode, stderr } = await runCaptured(batch, argv, db);
  expect(exitCode).toBe(2);
  expect(stderr).toContain(says);
  expect(freshchat.asked).toEqual([]);
});

test.each([
  { name: "FRESHCHAT_TOKEN", value: "", says: "FRESHCHAT_TOKEN is not set" },
  { name: "FRESHCHAT_URL", value: "", says: "FRESHCHAT_DOMAIN is not set" },
  { name: "FRESHCHAT_URL", value: "acme", says: "FRESHCHAT_URL takes an address" },
  { name: "BATCH_SIZE", value: "many", says: 'BATCH_SIZE takes a whole number from 1 to 1000000, not "many".' },
  { name: "RATE_LIMIT_DELAY", value: "1.5", says: "RATE_LIMIT_DELAY takes a whole number" },
  { name: "BATCH_DELAY", value: "5s", says: "BATCH_DELAY takes a whole number" },
  { name: "PAGE_DELAY", value: "-1", says: "PAGE_DELAY takes a whole number" },
  { name: "VERBOSE_LOG", value: "maybe", says: "VERBOSE_LOG is true or false" },
])("$name=$value is refused with 2", async ({ name, value, says }) => {
  process.env[name] = value;
  const { exitCode, stderr } = await runCaptured(batch, [], db);
  expect(exitCode).toBe(2);
  expect(stderr).toContain(says);
});

test("--verbose and VERBOSE_LOG print a line for each message, with the first characters of its text", async () => {
  await addTalk(db, freshchat, "c1", [
    message("c1", 1, { message_parts: [{ text: { content: `secret ${"x".repeat(100)}` } }] }),
  ]);
  expect((await run("--dry-run")).output).not.toContain("secret");
  const line = `c1/c1-m1 2024-01-05T10:01:00.000Z user ${JSON.stringify(`secret ${"x".repeat(53)}`)}`;
  expect((await run("--dry-run", "--verbose")).output).toContain(line);
  process.env.VERBOSE_LOG = "true";
  expect((await run("--dry-run")).output).toContain(line);
});

test("requests keep the pace that the delays set", async () => {
  for (let n = 0; n < 4; n++) await addTalk(db, freshchat, `c${n}`, messages(`c${n}`, 60));
  await run("--rate-limit-delay", "200", "--page-delay", "100", "--batch-delay", "500", "--batch-size", "2");
  const gaps = freshchat.asked.slice(1).map(({ at }, n) => at - (freshchat.asked[n]?.at ?? 0));
  // A page of the next, the next conversation, and the pause in the middle.
  for (const [n, least] of [100, 200, 100, 500, 100, 200, 100].entries()) {
    expect(gaps[n]).toBeGreaterThan(least - 30);
    expect(gaps[n]).toBeLessThan(least + 150);
  }
});

test("npm run backfill:run is the same script", async () => {
  await addTalk(db, freshchat, "c1", messages("c1", 3));
  const { exitCode, stdout, stderr } = await runShell("npm run --silent backfill:run -- --json", {
    url: db.url,
    env: environmentOf(freshchat),
  });
  expect({ exitCode, leaks: (stdout + stderr).includes(TOKEN) }).toEqual({ exitCode: 0, leaks: false });
  expect(JSON.parse(stdout)).toMatchObject({ batch: 7, stats: { totalMessagesInserted: 3 } });
});
