import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "@jest/globals";
import { startFile, until } from "../helpers/script.ts";
import { say, startLlm } from "../helpers/stand-ins/llm.ts";
import { runProcess } from "./run-process.ts";

/** No database is there, and none is asked for. */
const env = { DATABASE_URL: "postgresql://nobody@127.0.0.1:1/none", DIRECT_URL: "", CLASSIFIER_BASE_URL: "" };

const folder = mkdtempSync(join(tmpdir(), "eval-"));
afterAll(() => rmSync(folder, { recursive: true }));

interface Document {
  readonly total: { chats: number; right: number; accuracy: number; macroF1: number; confusion: object };
  readonly byLanguage: Record<string, { chats: number; right: number }>;
  readonly answers: { id: string; expected: string; predicted: string }[];
}

const evalClassifier = (...args: string[]) => runProcess("eval-classifier", args, env);

async function documentOf(...args: string[]): Promise<Document> {
  const { code, out, err } = await evalClassifier("--json", ...args);
  expect({ code, err }).toEqual({ code: 0, err: "" });
  return JSON.parse(out);
}

/** Chats of both languages, labelled as given. */
function fileOf(labels: readonly string[]): string {
  const file = join(folder, "chats.jsonl");
  const lines = labels.map((tag, index) =>
    JSON.stringify({
      ...{ id: String(index), language: index % 2 ? "ru" : "en", split: index < 3 ? "dev" : "test" },
      ...{ tag, unanswered: false, lines: [["user", `${index}`]] },
    }),
  );
  writeFileSync(file, lines.join("\n"));
  return file;
}

test("The table is at most 100 columns wide, and says the same as the JSON document", async () => {
  const { code, out, err } = await evalClassifier();
  expect({ code, err }).toEqual({ code: 0, err: "" });
  const { total, byLanguage } = await documentOf("--split", "test");
  const percent = (share: number) => `${(share * 100).toFixed(1)} %`;
  const summary = [total.chats, total.right, percent(total.accuracy), percent(total.macroF1)].join(" +");
  expect(out).toMatch(new RegExp(`^all +${summary}$`, "m"));
  for (const [language, { chats, right }] of Object.entries(byLanguage))
    expect(out).toMatch(new RegExp(`^${language} +${chats} +${right} `, "m"));
  expect(out).toContain("tests/fixtures/labelled-chats, split test: ");
  expect(Math.max(...out.split("\n").map((line) => line.length))).toBeLessThanOrEqual(100);
});

test("Dev and test are all chats, and every chat stands in the confusion matrix once", async () => {
  const [dev, tests, all] = await Promise.all(["dev", "test", "all"].map((split) => documentOf("--split", split)));
  expect((dev?.total.chats ?? 0) + (tests?.total.chats ?? 0)).toBe(all?.total.chats);
  const cells = Object.values(all?.total.confusion ?? {}).flatMap((row) => Object.values(row as object));
  expect(cells.reduce((sum, count) => sum + count, 0)).toBe(all?.total.chats);
  const ids = [...(dev?.answers ?? []), ...(tests?.answers ?? [])].map(({ id }) => id).sort();
  expect(ids).toEqual((all?.answers ?? []).map(({ id }) => id).sort());
});

test("Chats that are labelled as the classifier answers score 1, chats that are not score 0, and both exit 0", async () => {
  const file = fileOf(["untagged", "spam", "praise", "spam"]);
  const { answers } = await documentOf("--split", "all", "--file", file);
  const said = answers.map(({ predicted }) => predicted);
  const right = await documentOf("--split", "all", "--file", fileOf(said));
  expect(right.total).toMatchObject({ chats: 4, right: 4, accuracy: 1, macroF1: 1 });
  const others = said.map((tag) => (tag === "spam" ? "praise" : "spam"));
  const wrong = await documentOf("--split", "all", "--file", fileOf(others));
  expect(wrong.total).toMatchObject({ chats: 4, right: 0, accuracy: 0, macroF1: 0 });
});

test("A language model is asked about each chat once; one that it refuses is wrong, and stands apart", async () => {
  const llm = await startLlm(({ lines: [line] }) =>
    line?.text === "2" ? say("I would rather not") : say({ tag: "praise", confidence: 0.5, reason: "it shines" }),
  );
  try {
    const file = fileOf(["praise", "spam", "praise", "praise"]);
    const args = ["--classifier", "llm", "--split", "all", "--file", file];
    const { code, out, err } = await runProcess("eval-classifier", args, { ...env, ...llm.env });
    expect({ code, err, out }).toEqual({ code: 0, err: "", out: expect.stringContaining("Classifier llm, version ") });
    expect(out).toMatch(/^all +4 +2 +50\.0 % /m);
    expect(out).toMatch(/^1 spam +· +1 +· +– /m);
    expect(out).toMatch(/^2 praise +· +2 +1 +66\.7 % +66\.7 % /m);
    expect(out).toContain("\n?: the classifier gave no answer.\n");
    expect(
      llm
        .chats()
        .map(({ lines }) => lines[0]?.text)
        .sort(),
    ).toEqual(["0", "1", "2", "3"]);
  } finally {
    await llm.close();
  }
});

test("A model that lets nobody in fails the evaluation, without its key", async () => {
  const llm = await startLlm();
  const secret = "sk-not-the-one-0123456789";
  const stranger = { ...env, ...llm.env, CLASSIFIER_API_KEY: secret };
  const { code, out, err } = await runProcess("eval-classifier", ["--classifier", "llm"], stranger).finally(llm.close);
  expect({ code, out }).toEqual({ code: 1, out: "" });
  expect(err).toContain("401");
  expect(err).not.toContain(secret);
  expect(llm.asked.length).toBeLessThanOrEqual(4);
});

test("Ctrl-C asks about nothing else, and prints no score of a part", async () => {
  const llm = await startLlm();
  llm.faults.push({ times: Number.POSITIVE_INFINITY, delayMs: 3_000 });
  try {
    const run = startFile("scripts/eval-classifier.ts", ["--classifier", "llm"], { env: { ...env, ...llm.env } });
    await until(() => llm.asked.length === 4, "four chats that are asked about");
    run.signal("SIGINT");
    expect(await run.ended).toMatchObject({ exitCode: 130, stdout: "" });
    expect(llm.asked).toHaveLength(4);
  } finally {
    await llm.close();
  }
});

test.each([
  [["--classifier", "oracle"], '--classifier takes one of rules, llm, not "oracle".'],
  [["--classifier", "llm"], "--classifier llm needs CLASSIFIER_BASE_URL, such as "],
  [["--split", "train"], '--split takes one of dev, test, all, not "train".'],
  [["--file", "no/such/file"], "There is no file no/such/file."],
  [["--tag", "spam"], "Unknown argument: tag. Allowed: --classifier, --split, --file, --json, --help."],
  [["dev"], "Unknown argument: dev. Usage: npm run eval:classifier --"],
])("%j exits 2 and says what is allowed", async (args, message) => {
  const { code, out, err } = await evalClassifier(...args);
  expect({ code, out }).toEqual({ code: 2, out: "" });
  expect(err).toContain(message);
  expect(err.trimEnd().split("\n")).toHaveLength(1);
});

test("A label that is no tag, and a split without chats, exit 2", async () => {
  const odd = await evalClassifier("--split", "dev", "--file", fileOf(["spam", "nonsense"]));
  expect(odd).toMatchObject({ code: 2, err: expect.stringContaining("the tag nonsense of 1 is none of ") });
  const none = await evalClassifier("--split", "test", "--file", fileOf(["spam"]));
  expect(none).toMatchObject({ code: 2, err: expect.stringContaining("belongs to the split test.") });
});

test("A broken line exits 1 with its number", async () => {
  const file = join(folder, "broken.jsonl");
  writeFileSync(file, "\n{}\n");
  const { code, err } = await evalClassifier("--file", file);
  expect({ code, err }).toEqual({ code: 1, err: expect.stringContaining(`${file}:2: not a labelled chat.`) });
});
