import { afterEach, beforeEach, expect, test } from "@jest/globals";
import batch from "../../../scripts/migrations/classify-chats.ts";
import { useDatabase } from "../../helpers/database.ts";
import { runInProcess, startFile, until } from "../../helpers/script.ts";
import { KEY, type LlmStandIn, say, startLlm } from "../../helpers/stand-ins/llm.ts";
import { addChat, addChats, tagsOf } from "./chats.ts";

const FILE = "scripts/migrations/classify-chats.ts";
const ARGV = ["--classifier", "llm"];

const db = useDatabase();
let llm: LlmStandIn;
let reply: Parameters<typeof startLlm>[0];

beforeEach(async () => {
  reply = undefined;
  llm = await startLlm((chat) => reply?.(chat) ?? say({ tag: "question", confidence: 0.9, reason: "it asks" }));
});
afterEach(() => llm.close());

/** Runs it as its user would: the endpoint stands in the environment. */
const run = (argv: readonly string[] = [], env: Readonly<Record<string, string>> = {}) =>
  startFile(FILE, [...ARGV, "--json", ...argv], { url: db.url, env: { ...llm.env, ...env } });

test("A dry run asks no model, and says how many requests there would be and about how many tokens", async () => {
  await addChats(db, 5);
  await addChat(db, []);
  const { json, exitCode } = await run(["--dry-run"]).ended;
  expect({ exitCode, stats: json.stats, skipped: json.skipped }).toMatchObject({
    exitCode: 0,
    stats: { conversationsTotal: 6, conversationsSkipped: 6, requests: 5 },
    skipped: { notAsked: 6 },
  });
  expect(json.stats.tokens).toBeGreaterThan(5 * 200);
  expect(llm.asked).toEqual([]);
});

test("A model tags what it is asked about, and is asked once", async () => {
  await addChats(db, 30);
  const { json, stdout, stderr } = await run().ended;
  expect(json.stats).toMatchObject({ conversationsTagged: 30, requests: 30, tokens: 3_600, errors: 0 });
  expect(
    (await tagsOf(db)).every(({ tag, classification }) => tag === "question" && classification?.classifier === "llm"),
  ).toBe(true);
  expect((await run().ended).json.stats).toMatchObject({ conversationsUnchanged: 30, requests: 0 });
  expect(llm.asked).toHaveLength(30);
  expect(stdout + stderr).not.toContain(KEY);
});

test("An answer that can't be used costs its chat; the tag that was there stays, and --retry-errors asks again", async () => {
  await addChats(db, 3);
  const odd = await addChat(db, ["odd one"], { started_at: "2024-01-01" });
  await runInProcess(batch, db);
  const [before] = await tagsOf(db);
  reply = ({ lines }) =>
    lines[0]?.text === "odd one"
      ? say({ tag: "no such tag", confidence: 1, reason: "" })
      : say({ tag: "spam", confidence: 1, reason: "" });
  const failed = await run().ended;
  expect(failed).toMatchObject({
    exitCode: 1,
    json: { stats: { conversationsRetagged: 3, errors: 1 }, errors: [{ key: odd, code: "SCHEMA" }] },
  });
  expect((await tagsOf(db))[0]).toEqual(before);
  expect((await run().ended).json.stats).toMatchObject({ requests: 0, errors: 1 });
  reply = undefined;
  const retried = await run(["--retry-errors"]).ended;
  if (retried.stdout === "") throw new Error(retried.stderr);
  expect(retried).toMatchObject({
    exitCode: 0,
    json: { stats: { requests: 1, errors: 0 } },
  });
  expect((await tagsOf(db))[0]).toMatchObject({ id: odd, tag: "question" });
});

test("A model that never answers as it should stops the run", async () => {
  await addChats(db, 40);
  reply = () => ({ content: "certainly!" });
  const { exitCode, stderr, json } = await run().ended;
  expect({ exitCode, status: json.status }).toEqual({ exitCode: 1, status: "failed" });
  expect(stderr).toContain("20 items in a row were refused");
  expect(llm.asked.length).toBeLessThan(30);
});

test("Caps end a run with exit 75, what was paid for is stored, and the next run asks about the rest only", async () => {
  await addChats(db, 30);
  const first = await run(["--max-requests", "12"]).ended;
  expect(first).toMatchObject({
    exitCode: 75,
    json: { status: "waiting", stats: { requests: 12, conversationsTagged: 12 } },
  });
  const second = await run(["--max-tokens", "4000"]).ended;
  expect(second.exitCode).toBe(75);
  expect(second.json.stats.tokens).toBeLessThanOrEqual(4_000);
  expect(await run().ended).toMatchObject({ exitCode: 0 });
  expect(llm.asked).toHaveLength(30);
  expect((await tagsOf(db)).every(({ tag }) => tag === "question")).toBe(true);
});

test("A run that is killed goes on, and pays for no stored answer again", async () => {
  await addChats(db, 200);
  const killed = await run([], { CRM_MIGRATIONS_FAULT: "page-committed:3" }).ended;
  expect(killed.exitCode).toBe(137);
  const stored = (await tagsOf(db)).filter(({ tag }) => tag !== null).length;
  expect(stored).toBeGreaterThan(16);
  const asked = llm.asked.length;
  expect((await run().ended).json.stats).toMatchObject({ requests: 200 - stored, errors: 0 });
  expect(llm.asked).toHaveLength(asked + 200 - stored);
});

test("Ctrl-C keeps what was asked: nothing is paid for twice", async () => {
  await addChats(db, 60);
  llm.faults.push({ times: 60, delayMs: 50 });
  const started = run();
  await until(() => llm.asked.length > 20);
  started.signal("SIGINT");
  expect((await started.ended).exitCode).toBe(130);
  expect((await run().ended).exitCode).toBe(0);
  expect(llm.asked).toHaveLength(60);
});

test("What is missing in the environment, or does not go together, is said before anything is done", async () => {
  for (const [argv, env, said] of [
    [[], { CLASSIFIER_MODEL: "" }, "CLASSIFIER_MODEL"],
    [["--tags", "no-such-file.json"], {}, "no-such-file.json"],
    [["--classifier", "rules", "--max-tokens", "5"], {}, "--max-tokens needs --classifier llm"],
  ] as const) {
    const { exitCode, stderr } = await run(argv, env).ended;
    expect({ exitCode, said: stderr.includes(said) }).toEqual({ exitCode: 2, said: true });
  }
  expect(llm.asked).toEqual([]);
});

test("A wrong key, or nobody at the address, fails in one line without a secret", async () => {
  await addChats(db, 3);
  const wrong = await run([], { CLASSIFIER_API_KEY: "sk-wrong-0123456789" }).ended;
  expect(wrong.exitCode).toBe(1);
  expect(wrong.stderr).toContain("answered 401");
  expect(wrong.stdout + wrong.stderr).not.toContain("sk-wrong");
  await llm.close();
  const gone = await run().ended;
  expect(gone.exitCode).toBe(1);
  expect(gone.stderr).toContain("does not answer at http://127.0.0.1");
});
