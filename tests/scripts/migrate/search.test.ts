/** `search`: the documented query, ranked, and what it says of its index. */
import { beforeEach, describe, expect, test } from "@jest/globals";
import { addConversation, addMessage } from "../../helpers/crm.ts";
import { useDatabase } from "../../helpers/database.ts";
import { startFile } from "../../helpers/script.ts";
import { deskOn } from "./desk.ts";

const MESSAGES = 10_000;
const LONG = `${"hay and straw ".repeat(60)}then the needles, `;

describe("Over 10,000 messages", () => {
  const db = useDatabase();
  let conversation: string;

  const search = (...argv: string[]) => deskOn(db)("search", ...argv);
  const searchAsJson = (...argv: string[]) => deskOn(db, { json: true })("search", ...argv);

  beforeEach(async () => {
    conversation = await addConversation(db, { channel: "freshchat" });
    await db.query(
      `insert into "Message" (conversation_id, role, content, created_at)
       select $1, (array['user', 'assistant'])[n % 2 + 1]::"MessageRole",
              case when n % 1000 = 0 then 'A needle in the hay: иголка в стоге сена, number ' || n else 'some hay ' || n end,
              timestamptz '2025-03-01 12:00Z' + n * interval '1 minute'
         from generate_series(1, $2::int) n`,
      [conversation, MESSAGES],
    );
    await db.query('analyze "Message"');
  });

  test.each([
    ["en", "needles", "Message_content_fts_idx"],
    ["ru", "иголками", "Message_content_fts_ru_idx"],
  ])("the index is used: %s", async (lang, words, index) => {
    const { exitCode, json } = await searchAsJson(words, "--lang", lang, "--limit", "3");
    expect([exitCode, json.total, json.hits.length]).toEqual([0, 10, 3]);
    expect(json).toMatchObject({
      command: "search",
      exitCode: 0,
      words,
      lang,
      index: { used: true, name: index, exists: true },
    });
    expect(json.ms).toBeGreaterThan(0);
    expect(json.hits[0]).toMatchObject({ conversationId: conversation, channel: "freshchat", role: "user" });
    const { lines } = await search(words, "--lang", lang, "--limit", "3");
    expect(lines.at(-2)).toMatch(/^The best 3 of 10 messages, the best first\. \d+(\.\d)? ms\.$/);
    expect(lines.at(-1)).toBe(`The index ${index} was used.`);
  });

  test.each([
    ["en", "needle"],
    ["ru", "иголка"],
  ])("without batch 2 every message is read, and it says so: %s", async (lang, words) => {
    await db.query('drop index "Message_content_fts_idx", "Message_content_fts_ru_idx"');
    const { json } = await searchAsJson(words, "--lang", lang);
    expect(json).toMatchObject({ total: 10, index: { used: false, name: null, exists: false } });
    expect((await search(words, "--lang", lang)).lines.slice(-2)).toEqual([
      "No index: every message was read. Batch 2 makes it:",
      "npx tsx scripts/migrations/add-fts-indexes.ts",
    ]);
  });

  test("an index that is there and was not used is not called used", async () => {
    const { exitCode, lines } = await search("--limit", "1", "--", "-needle");
    expect(exitCode).toBe(0);
    expect(lines.at(-3)).toMatch(/^The best 1 of 9,990 messages/);
    expect(lines.slice(-2).join(" ")).toBe(
      "The index Message_content_fts_idx was not used: PostgreSQL took reading every message for cheaper.",
    );
  });

  test("the best come first, only of the role that is asked for; quotes and minus work", async () => {
    const best = await addMessage(db, conversation, { role: "tool", content: "needle needle needle" });
    expect((await searchAsJson("needle")).json.hits[0].id).toBe(best);
    expect((await searchAsJson("needle", "--role", "tool")).json).toMatchObject({ total: 1, role: "tool" });
    expect((await searchAsJson('"needle in the hay" -5000')).json.total).toBe(9);
    expect(await search("nothing-like-it")).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(/^No message\. /),
    });
  });

  test("lines fit 80 columns and show the words; --verbose shows the whole; nothing that a terminal obeys gets through", async () => {
    await addMessage(db, conversation, { content: `${LONG}\u001b[31mred\u001b[0m${LONG}`, role: "system" });
    const short = await search("straw", "--role", "system");
    expect(short.lines[1]).toMatch(/^ {2}.*straw.*…$/);
    const long = await deskOn(db, { verbose: true })("search", "straw", "--role", "system");
    expect(long.lines.length).toBeGreaterThan(20);
    for (const line of [...short.lines, ...long.lines, ...(await search("needle")).lines]) {
      expect(line.length).toBeLessThanOrEqual(80);
      expect(line).not.toContain("\u001b");
    }
  });

  test("in a pipe, as a process: plain lines, and one document", async () => {
    const plain = await startFile("scripts/migrate.ts", ["search", "needle"], { url: db.url }).ended;
    expect([plain.exitCode, plain.stderr, plain.stdout.includes("\u001b")]).toEqual([0, "", false]);
    const { json } = await startFile("scripts/migrate.ts", ["search", "needle", "--json"], { url: db.url }).ended;
    expect(json).toMatchObject({ command: "search", total: 10 });
  });

  test.each([
    ["the of and", 'There is nothing to look for: in English every word of "the of and" is too common'],
    ["  ", "There is nothing to look for. Give words"],
    ["!!", "There is nothing to look for: in English"],
  ])("%j is refused", async (words, reason) => {
    expect(await search(words)).toMatchObject({ exitCode: 2, stdout: "", stderr: expect.stringContaining(reason) });
  });

  test("nothing is written", async () => {
    const before = await db.snapshot();
    await search("needle");
    expect(await db.snapshot()).toEqual(before);
  });
});

describe("On an empty database", () => {
  const db = useDatabase({ empty: true });

  test("it says what is missing", async () => {
    const { exitCode, stderr } = await deskOn(db)("search", "needle");
    expect([exitCode, stderr]).toEqual([
      2,
      expect.stringContaining("There are no messages yet: batch 1 makes their table"),
    ]);
  });
});
