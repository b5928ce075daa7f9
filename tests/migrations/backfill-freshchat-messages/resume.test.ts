import { expect, test } from "@jest/globals";
import batch from "../../../scripts/migrations/backfill-freshchat-messages.ts";
import { countRows } from "../../helpers/crm.ts";
import { useDatabase } from "../../helpers/database.ts";
import { runInProcess, startScript, until } from "../../helpers/script.ts";
import { environmentOf, messages } from "../../helpers/stand-ins/freshchat.ts";
import { addTalk, metadataOf, NAME, requestsTo, storedMessages, useFolder, useFreshchat } from "./test-bed.ts";

const db = useDatabase();
const freshchat = useFreshchat();
const folder = useFolder();

const run = (...argv: string[]) => runInProcess(batch, db, argv);

/** What an undisturbed run leaves, then as it was before. */
async function undisturbed(argv: readonly string[] = []) {
  await run(...argv);
  const { Conversation, Message } = await db.snapshot();
  await db.query('truncate "Message", migration_effects, migration_runs, migration_checkpoints');
  await db.query(`delete from "Conversation" where metadata ->> 'source' = 'freshchat_backfill'`);
  await db.query(`update "Conversation" set metadata = null, last_message_at = null, last_message_preview = null`);
  freshchat.asked.length = 0;
  return { Conversation, Message };
}

/** Starts the script, kills it as soon as so many messages are stored, and returns what it had asked for. */
async function killAt(stored: number, argv: readonly string[]): Promise<string[]> {
  freshchat.faults.push({ times: 100_000, delayMs: 20 });
  const script = startScript(NAME, argv, { url: db.url, env: environmentOf(freshchat) });
  await until(async () => (await countRows(db, "Message")) >= stored);
  script.signal("SIGKILL");
  await script.ended;
  freshchat.faults.length = 0;
  const asked = requestsTo(freshchat);
  freshchat.asked.length = 0;
  return asked;
}

test.each([{ paging: "link" as const, border: "inclusive" as const }, { paging: "numbers" as const }])(
  "a run that was killed in the middle of a conversation goes on there, and asks for no committed page again: %j",
  async (variant) => {
    freshchat.variant = variant;
    await addTalk(db, freshchat, "long", messages("long", 2_000));
    await addTalk(db, freshchat, "short", messages("short", 20));
    const state = await undisturbed();
    const before = await killAt(500, []);
    const stored = await countRows(db, "Message");
    const { document, exitCode } = await run();
    expect(exitCode).toBe(0);
    expect(document.resumedFrom).toBeDefined();
    expect(stored).toBeGreaterThanOrEqual(500);
    expect(stored).toBeLessThan(2_000);
    expect(document.stats.totalMessagesInserted).toBe(2_020 - stored);
    // What was fetched but not stored is asked for again: a page or so that was under way, and a few that waited for their turn.
    const again = requestsTo(freshchat).filter((request) => before.includes(request));
    const committed = Math.floor(stored / 50);
    expect(again.length).toBeLessThanOrEqual(before.length - committed + 1);
    expect(before.slice(0, committed).filter((request) => again.includes(request)).length).toBeLessThanOrEqual(1);
    await expect(db.snapshot()).resolves.toMatchObject(state);
  },
);

test("while it is not whole, a conversation says so", async () => {
  await addTalk(db, freshchat, "long", messages("long", 2_000));
  await killAt(100, []);
  expect(await metadataOf(db, "long")).toMatchObject({ partial: "unfinished" });
  await run("--restart");
  expect(await metadataOf(db, "long")).not.toHaveProperty("partial");
  expect(await storedMessages(db)).toHaveLength(2_000);
});

test("a run that was killed among the conversations of a file goes on there", async () => {
  await addTalk(db, freshchat, "ours", messages("ours", 3));
  const ids = Array.from({ length: 30 }, (_, n) => `new${n}`);
  for (const id of ids) freshchat.conversations.set(id, messages(id, 60));
  const file = await folder.write("ids.txt", [...ids, "ours", "new0"].join("\n"));
  const argv = ["--conversations-file", file];
  const state = await undisturbed(argv);
  await killAt(600, argv);
  const { document, exitCode } = await run(...argv);
  expect(exitCode).toBe(0);
  expect(document.resumedFrom).toBeDefined();
  expect(requestsTo(freshchat).some((request) => request.includes("/new0/"))).toBe(false);
  await expect(db.snapshot()).resolves.toMatchObject(state);
  expect(await countRows(db, "Conversation")).toBe(31);
});

test("--limit again and again ends in the state of one run", async () => {
  for (let n = 0; n < 5; n++) await addTalk(db, freshchat, `c${n}`, messages(`c${n}`, 70));
  const state = await undisturbed();
  for (const [conversations, output] of [
    [2, /Stopped at --limit/],
    [2, /Stopped at --limit/],
    [1, /Completed/],
  ] as const) {
    const ran = await run("--limit", "2");
    expect(ran).toMatchObject({ exitCode: 0, document: { stats: { totalConversations: conversations } } });
    expect(ran.output).toMatch(output);
  }
  expect(freshchat.asked).toHaveLength(10);
  await expect(db.snapshot()).resolves.toMatchObject(state);
});

test("a checkpoint of another selection, or of another file, is refused", async () => {
  for (let n = 0; n < 3; n++) await addTalk(db, freshchat, `c${n}`, messages(`c${n}`, 1));
  const file = await folder.write("ids.txt", "new1\nnew2\n");
  const argv = ["--limit", "1", "--conversations-file", file];
  await run(...argv);
  await expect(run("--limit", "1", "--since", "2024-01-01")).rejects.toThrow(/has not ended/);
  await folder.write("ids.txt", "new0\nnew1\nnew2\n");
  await expect(run(...argv)).rejects.toThrow(/has not ended/);
});

test("Ctrl-C ends after the page, and the next run goes on", async () => {
  await addTalk(db, freshchat, "long", messages("long", 2_000));
  freshchat.faults.push({ times: 100_000, delayMs: 20 });
  const script = startScript(NAME, [], { url: db.url, env: environmentOf(freshchat) });
  await until(async () => (await countRows(db, "Message")) >= 100);
  script.signal("SIGINT");
  expect((await script.ended).exitCode).toBe(130);
  freshchat.faults.length = 0;
  expect(await run()).toMatchObject({ exitCode: 0 });
  expect(await countRows(db, "Message")).toBe(2_000);
});
