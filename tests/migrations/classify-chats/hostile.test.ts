/** What a model, or the environment, may hold against all expectation. */
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { useDatabase } from "../../helpers/database.ts";
import { startFile } from "../../helpers/script.ts";
import { type LlmStandIn, say, startLlm } from "../../helpers/stand-ins/llm.ts";
import { addChat, tagsOf } from "./chats.ts";

const FILE = "scripts/migrations/classify-chats.ts";
const db = useDatabase();
let llm: LlmStandIn;
let reason = "";

beforeEach(async () => {
  llm = await startLlm(() => say({ tag: "question", confidence: 0.9, reason }));
});
afterEach(() => llm.close());

const run = (env: Readonly<Record<string, string>> = {}, ...argv: string[]) =>
  startFile(FILE, ["--classifier", "llm", "--json", ...argv], { url: db.url, env: { ...llm.env, ...env } }).ended;

test.each([
  ["a reason that is cut within a character", `${"x".repeat(199)}\u{1F600} and more`, `${"x".repeat(199)}\ufffd`],
  ["a reason with U+0000", "a\0b", "a\ufffdb"],
])("%s is stored: the answer was paid for", async (_, given, stored) => {
  reason = given;
  await addChat(db, ["How much is it?"]);
  const { exitCode, json } = await run();
  expect({ exitCode, errors: json.errors }).toEqual({ exitCode: 0, errors: [] });
  expect((await tagsOf(db))[0]).toMatchObject({ tag: "question", classification: { reason: stored } });
});

test("With other tags a chat without words is untagged, and nobody is asked", async () => {
  await addChat(db, []);
  await addChat(db, ["  ", "\n"]);
  const { json } = await run({}, "--tags", "tests/migrations/classify-chats/two-tags.json");
  expect(json.stats).toMatchObject({ conversationsTagged: 2, requests: 0 });
  expect((await tagsOf(db)).map(({ tag }) => tag)).toEqual(["untagged", "untagged"]);
  expect(llm.asked).toEqual([]);
});

test("A password in the address of the model is never shown", async () => {
  await addChat(db, ["How much is it?"]);
  const url = new URL(llm.env.CLASSIFIER_BASE_URL ?? "");
  Object.assign(url, { username: "me", password: "hunter2-hunter2" });
  const { exitCode, stdout, stderr } = await run({ CLASSIFIER_BASE_URL: url.href });
  expect(exitCode).toBeGreaterThan(0);
  expect(stdout + stderr).not.toContain("hunter2");
});
