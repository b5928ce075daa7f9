import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { type CheckResult, runChecks } from "../../../scripts/lib/checks.ts";
import { withDatabase } from "../../../scripts/lib/db/database.ts";
import { MIGRATIONS } from "../../../scripts/lib/schema/folders.ts";
import { runSqlScript } from "../../../scripts/lib/sql-script.ts";
import batch from "../../../scripts/migrations/classify-chats.ts";
import { rowsOf } from "../../helpers/crm.ts";
import { useDatabase } from "../../helpers/database.ts";
import { runInProcess } from "../../helpers/script.ts";
import { keptOf } from "../rollback/rollback.ts";
import { addChat, tagsOf } from "./chats.ts";

const db = useDatabase();

const file = (name: string) => join(MIGRATIONS, "20251115_classify_chats", name);
const rollBack = (runId?: number | null) =>
  runSqlScript(db.address, file("rollback.sql"), { settings: runId ? { "backfill.run_id": String(runId) } : {} });

const ASKS = ["How much is the blue one?", "It is 20."];
const SPAM = ["Earn 5000 $ a day from home! Click https://example.test/win now, limited offer!!!"];

async function addStore(): Promise<void> {
  await db.query(`insert into stores (id, name, chat_tag_counts) values ('s1', 'Shop', '{"old": 1}')`);
  await addChat(db, ASKS, { channel: "wildberries", store_id: "s1", metadata: { source: "wildberries_sync" } });
  await addChat(db, SPAM, { metadata: { classification: { tag: "praise" } }, tag: "praise", tagged_at: "2025-01-05" });
  await addChat(db, SPAM);
}

test("Every table is as it was, whatever stood in tag and metadata before", async () => {
  await addStore();
  const before = await db.snapshot();
  await runInProcess(batch, db);
  expect(await db.snapshot()).not.toEqual(before);
  expect(keptOf(await rollBack())).toEqual([]);
  expect(await db.snapshot()).toEqual(before);
  await runInProcess(batch, db);
  expect((await tagsOf(db)).every(({ tag }) => tag !== null)).toBe(true);
});

test("One of several runs is taken back, where nobody has tagged since", async () => {
  await addStore();
  await runInProcess(batch, db);
  const before = await db.snapshot();
  const another = await addChat(db, SPAM, { started_at: "2026-01-01" });
  const second = await runInProcess(batch, db);
  expect(keptOf(await rollBack(second.document.runId))).toEqual([]);
  await db.query(`delete from "Conversation" where id = $1`, [another]);
  expect(await db.snapshot()).toEqual(before);
});

test("The earlier of two runs leaves alone what the later one has tagged again", async () => {
  const id = await addChat(db, ASKS);
  const first = await runInProcess(batch, db);
  await runInProcess(batch, db, ["--tags", "tests/migrations/classify-chats/two-tags.json"]);
  const after = await tagsOf(db);
  expect(keptOf(await rollBack(first.document.runId))).toEqual([
    ["Conversation", id, "tagged by somebody else, or by another run, since"],
  ]);
  expect(await tagsOf(db)).toEqual(after);
  expect(keptOf(await rollBack())).toEqual([]);
  expect(await tagsOf(db)).toMatchObject([{ tag: null, tagged: false, classification: null }]);
});

test("A tag that a person has given since stays and is listed", async () => {
  const id = await addChat(db, ASKS);
  await runInProcess(batch, db);
  await db.query(`update "Conversation" set tag = 'vip'`);
  expect(keptOf(await rollBack())).toEqual([["Conversation", id, "tagged by somebody else, or by another run, since"]]);
  expect((await tagsOf(db))[0]?.tag).toBe("vip");
  expect(await rowsOf(db, "migration_effects", "id")).toHaveLength(1);
});

test.each([
  [null, { vip: true }],
  ["a text", { vip: true }],
  [{ classification: "question" }, { classification: "question", vip: true }],
  [{ classification: null }, { classification: null, vip: true }],
])("What a CRM has added since to metadata %j stays", async (before, after) => {
  await addChat(db, ASKS);
  await db.query(`update "Conversation" set metadata = $1`, [before === null ? null : JSON.stringify(before)]);
  const was = await db.snapshot();
  await runInProcess(batch, db);
  expect(keptOf(await rollBack())).toEqual([]);
  expect(await db.snapshot()).toEqual(was);
  await runInProcess(batch, db);
  await db.query(`update "Conversation" set metadata = metadata || '{"vip": true}'`);
  expect(keptOf(await rollBack())).toEqual([]);
  expect((await rowsOf(db, "Conversation", "id"))[0]?.metadata).toEqual(after);
});

describe("verify.sql", () => {
  const broken = async () =>
    (
      await withDatabase(
        db.address,
        { max: 1 },
        (database): Promise<CheckResult[]> => runChecks(database, file("verify.sql")),
      )
    )
      .filter(({ count, error }) => count > 0 || error !== undefined)
      .map(({ name, failed }) => ({ name, failed }));

  test("is silent after a run", async () => {
    await addStore();
    await runInProcess(batch, db);
    expect(await broken()).toEqual([]);
  });

  test.each([
    ["every conversation has a tag, or a reason", `insert into "Conversation" (channel) values ('sms')`, true],
    [
      "what a classifier said is whole",
      `update "Conversation" set metadata = jsonb_set(metadata, '{classification,confidence}', '2') where store_id = 's1'`,
      true,
    ],
    ["a tag has its time", `update "Conversation" set tagged_at = null where store_id = 's1'`, true],
    [
      "items in quarantine",
      `insert into migration_errors (run_id, script, item_key, code, message) values (1, 'classify-chats', 'x', 'SCHEMA', 'odd')`,
      true,
    ],
    ["the stores' counts are those of their conversations", "update stores set chat_tag_counts = null", false],
    [
      "messages that came after the tag",
      `update "Conversation" set last_message_at = now() where store_id = 's1'`,
      false,
    ],
    [
      "conversations that were tagged by a person, against a classifier",
      `update "Conversation" set tag = 'vip' where store_id is null`,
      false,
    ],
  ])("finds what breaks %j", async (name, by, failed) => {
    await addStore();
    await runInProcess(batch, db);
    await db.query(by);
    expect(await broken()).toContainEqual({ name, failed });
  });
});
