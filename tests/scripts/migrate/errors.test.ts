/** `errors`: what is in quarantine, by reason, and again once it is mended. */
import { describe, expect, test } from "@jest/globals";
import { addAudit, addBusyLeads, allowMessages, refuseMessages } from "../../helpers/audits.ts";
import { addLead, countRows, rowsOf } from "../../helpers/crm.ts";
import { useDatabase } from "../../helpers/database.ts";
import { startFile } from "../../helpers/script.ts";
import { deskOn } from "./desk.ts";

const db = useDatabase();
const BATCH_4 = "scripts/migrations/backfill-conversations-messages.ts";

const errors = (...argv: string[]) => deskOn(db)("errors", ...argv);
const errorsAsJson = (...argv: string[]) => deskOn(db, { json: true })("errors", ...argv);

const put = (script: string, key: string, code: string, message: string) =>
  db.query("insert into migration_errors (run_id, script, item_key, code, message) values (1, $1, $2, $3, $4)", [
    script,
    key,
    code,
    message,
  ]);

/** Three items for one reason, of a run that really was. */
async function fillQuarantine(): Promise<void> {
  await addBusyLeads(db, 3, 3);
  await refuseMessages(db, "text 2");
  await deskOn(db)("up", "--yes", "--to", "4");
}

test("where nothing is wrong it says so", async () => {
  expect(await errors()).toMatchObject({ exitCode: 0, stdout: "Nothing is in quarantine.\n" });
  expect((await errorsAsJson("4")).json).toEqual({
    command: "errors",
    exitCode: 0,
    reasons: [],
    allReasons: 0,
    items: 0,
  });
});

test("items stand under their batch and reason, with the first keys; the commonest reason first", async () => {
  for (const key of ["a", "b", "c", "d"]) await put("backfill-customers", key, "22001", "value too long");
  await put("backfill-customers", "z", "23505", "duplicate key");
  await put("sync-wildberries-chats", "s", "unreadable", "no text");
  const { exitCode, lines } = await errors();
  expect(exitCode).toBe(1);
  expect(lines).toEqual([
    "Batch 3: backfill-customers",
    "        4 × 22001: value too long",
    "          a",
    "          b",
    "          c",
    "          and 1 more",
    "        1 × 23505: duplicate key",
    "          z",
    "Batch 8: sync-wildberries-chats",
    "        1 × unreadable: no text",
    "          s",
    "6 items in quarantine. Once what is wrong is mended:",
    "npx tsx scripts/migrate.ts errors --retry",
  ]);
  expect((await errors("3", "--limit", "1")).lines).toContain("… and 1 other reason: --limit lists more.");
  expect((await errors("4")).exitCode).toBe(0);
  const { json } = await errorsAsJson("8");
  expect(json).toMatchObject({ exitCode: 1, items: 1, allReasons: 1 });
  expect(json.reasons).toEqual([
    {
      batch: 8,
      script: "sync-wildberries-chats",
      code: "unreadable",
      message: "no text",
      items: 1,
      keys: ["s"],
      runId: 1,
    },
  ]);
});

test("long messages are cut to the terminal's width, whole with --verbose; nothing that a terminal obeys gets through", async () => {
  const message = `\u001b[31mred\u001b[0m \u202eturned\u202c ${"words and ".repeat(30)}the end`;
  await put("backfill-customers", `key-${"k".repeat(200)}`, "22P02", message);
  const short = await errors();
  const long = await deskOn(db, { verbose: true })("errors");
  expect(short.stdout).not.toContain("the end");
  expect(long.stdout).toContain("the end");
  for (const line of [...short.lines, ...long.lines]) {
    expect(line.length).toBeLessThanOrEqual(80);
    for (const control of ["\u001b", "\u202e"]) expect(line).not.toContain(control);
  }
});

test("the items run again; what is still wrong is shown, and nothing is left once it is mended", async () => {
  await fillQuarantine();
  const still = await errorsAsJson("4", "--retry");
  expect([still.exitCode, still.json.items, still.json.retried[0].stats.errors]).toEqual([1, 3, 3]);
  await allowMessages(db);
  const mended = await errorsAsJson("--retry");
  expect([mended.exitCode, mended.json.items, mended.json.retried.length]).toEqual([0, 0, 1]);
  expect(await countRows(db, "Message")).toBe(9);
  expect((await errors()).exitCode).toBe(0);
});

test("the items run again with the options of the run that put them there", async () => {
  const lead = await addLead(db);
  await addAudit(db, lead, { actor: "tool", payload: { text: "bad" } });
  await refuseMessages(db, "bad");
  await startFile(BATCH_4, ["--actors", "tool"], { url: db.url }).ended;
  expect(await countRows(db, "migration_errors")).toBe(1);
  await allowMessages(db);
  const { exitCode } = await errors("--retry");
  expect([exitCode, (await rowsOf(db, "Message")).map(({ role }) => role)]).toEqual([0, ["tool"]]);
});

test("where one batch's items can't be run again, those of the others are", async () => {
  await fillQuarantine();
  await put("backfill-freshchat-messages", "m", "unreadable", "no text");
  await allowMessages(db);
  const { exitCode, json } = await errorsAsJson("--retry");
  expect([exitCode, json.items, json.retried.length]).toEqual([2, 1, 1]);
  expect(json.notBegun).toEqual([{ batch: 7, message: expect.stringContaining("FRESHCHAT_TOKEN") }]);
});

test("a batch that is none is refused", async () => {
  const { exitCode, stderr } = await errors("x");
  expect([exitCode, stderr]).toEqual([2, expect.stringMatching(/^BATCH is one of 1, 2, .*, not "x"\.\n$/)]);
});

describe("Without a journal", () => {
  const empty = useDatabase({ empty: true });

  test("nothing is in quarantine", async () => {
    expect((await deskOn(empty)("errors")).exitCode).toBe(0);
  });
});
