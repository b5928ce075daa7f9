import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import backfill from "../../scripts/migrations/backfill-conversations-messages.ts";
import { useDatabase } from "../helpers/database.ts";
import { runInProcess } from "../helpers/script.ts";
import { type Ended, runProcess } from "./run-process.ts";

const FIXTURE = fileURLToPath(new URL("../fixtures/dialogues.jsonl", import.meta.url));

const db = useDatabase();
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "dialogues-"));
});
afterAll(() => rm(folder, { recursive: true }));

const load = (...args: string[]): Promise<Ended> =>
  runProcess("load-dialogues", args, { DATABASE_URL: db.url, DIRECT_URL: "" });

async function fileOf(name: string, content: string | Buffer): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

const line = (id: string, ...texts: string[]) =>
  JSON.stringify({ id, services: ["S"], turns: texts.map((text, i) => [i % 2 ? "system" : "user", text]) });

const counts = async () =>
  (await db.query(`select (select count(*)::int from "Lead") leads, (select count(*)::int from "Audit") audits`))
    .rows[0];

test("Every turn becomes an audit, in order, and batch 4 makes it a message of the right role", async () => {
  expect(await load(FIXTURE)).toMatchObject({ code: 0, err: "" });
  expect((await runInProcess(backfill, db)).exitCode).toBe(0);

  const dialogues = (await readFile(FIXTURE, "utf8"))
    .trim()
    .split("\n")
    .map((text) => JSON.parse(text));
  for (const { id, turns } of dialogues) {
    const { rows } = await db.query(
      `select json_build_array(case m.role when 'assistant' then 'system' else m.role::text end, m.content) as turn
         from "Message" m
         join "Conversation" c on c.id = m.conversation_id
        where c.external_id = $1
     order by m.created_at`,
      [id],
    );
    expect(rows.map(({ turn }) => turn)).toEqual(turns);
  }
});

test("A second load, from a compressed file, adds nothing", async () => {
  await load(FIXTURE);
  const before = await db.snapshot();
  const again = await load(await fileOf("again.jsonl.gz", gzipSync(await readFile(FIXTURE))));
  expect(again).toMatchObject({ code: 0, err: "" });
  expect(again.out).toContain("dialogues: 0 added, 5 already there");
  expect(await db.snapshot()).toEqual(before);
});

test("What PostgreSQL can't store, and line separators inside a text, do not end the load", async () => {
  const file = await fileOf("odd.jsonl", `\ufeff${line("odd", "nul \0", "half \ud83d", "a\u2028b")}\r\n\n`);
  expect(await load(file)).toMatchObject({ code: 0, err: "" });
  const { rows } = await db.query(`select payload ->> 'text' as text from "Audit" order by created_at`);
  expect(rows.map(({ text }) => text)).toEqual(["nul \ufffd", "half \ufffd", "a\u2028b"]);
});

test("A database with leads of its own is refused, unless --into-existing", async () => {
  await db.query(`insert into "Lead" (channel) values ('sms')`);
  const refused = await load(FIXTURE);
  expect(refused.code).toBe(2);
  expect(refused.err).toMatch(/^This database has leads of its own \(1\)\..*--into-existing\.\n$/);
  expect(await counts()).toEqual({ leads: 1, audits: 0 });
  expect((await load(FIXTURE, "--into-existing")).code).toBe(0);
  expect(await counts()).toMatchObject({ leads: 6 });
});

test("A bad line ends the load with its number, and nothing of the file is kept", async () => {
  const cases = [
    ["{", "not JSON"],
    ['{"id":"b","services":[],"turns":[["bot","hi"]]}', "not a dialogue. turns.0.0: "],
    [line("a", "other"), "is there already, with other turns"],
  ];
  for (const [bad = "", complaint = ""] of cases) {
    const { code, err } = await load(await fileOf("bad.jsonl", `${line("a", "hi")}\n${bad}\n`));
    expect({ code, err }).toEqual({ code: 1, err: expect.stringContaining(complaint) });
    expect(err.trim()).not.toContain("\n");
    expect(await counts()).toEqual({ leads: 0, audits: 0 });
  }
});

describe("A file that can't be read ends the load with one line:", () => {
  test.each<[string, () => Buffer, number, string]>([
    ["cut short", () => gzipSync(line("a", "x".repeat(10_000))).subarray(0, 40), 1, "cut short"],
    ["not gzip", () => Buffer.from("plain"), 1, "not a sound gzip file"],
    ["not UTF-8", () => gzipSync(Buffer.from([0x22, 0xff, 0x22])), 1, "not UTF-8"],
  ])("%s", async (_, content, code, complaint) => {
    const ended = await load(await fileOf("broken.jsonl.gz", content()));
    expect(ended).toMatchObject({ code, err: expect.stringContaining(complaint) });
    expect(ended.err.trim()).not.toContain("\n");
    expect(await counts()).toEqual({ leads: 0, audits: 0 });
  });
});

test("Wrong use exits 2 with one line that says what is allowed", async () => {
  for (const [args, complaint] of [
    [[], "FILE is missing"],
    [["nowhere.jsonl"], "There is no file nowhere.jsonl"],
    [[FIXTURE, "more"], "Unknown argument: more"],
    [[FIXTURE, "--into"], "--into-existing, --help"],
  ] as const) {
    const { code, err } = await load(...args);
    expect({ code, err }).toEqual({ code: 2, err: expect.stringContaining(complaint) });
    expect(err.trim()).not.toContain("\n");
  }
  expect((await load("--help")).out).toContain("load-dialogues.ts FILE [options]");
});

describe("Without batch 1", () => {
  const empty = useDatabase({ empty: true });
  test("it exits 2 and names the command", async () => {
    const { code, err } = await runProcess("load-dialogues", [FIXTURE], { DATABASE_URL: empty.url, DIRECT_URL: "" });
    expect({ code, err }).toEqual({
      code: 2,
      err: expect.stringContaining("npx tsx scripts/migrations/create-schema.ts"),
    });
  });
});
