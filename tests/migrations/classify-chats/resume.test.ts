/** Killed anywhere, a run by rules ends as one that nothing disturbed. */
import { expect, test } from "@jest/globals";
import batch from "../../../scripts/migrations/classify-chats.ts";
import { useDatabase } from "../../helpers/database.ts";
import { runInProcess, startFile } from "../../helpers/script.ts";
import { addChat, addChats, tagsOf } from "./chats.ts";

const FILE = "scripts/migrations/classify-chats.ts";
const KILLED = 137;
const SPAM = ["Earn 5000 $ a day from home! Click https://example.test/win now, limited offer!!!"];
const db = useDatabase();

/** Every table, but not when and in which run a tag was given, nor the hashes in which that is. */
async function outcome() {
  const { rows: effects } = await db.query(
    "select table_name, row_id, action, before from migration_effects order by table_name, row_id",
  );
  const { rows: errors } = await db.query("select item_key, code from migration_errors where resolved_at is null");
  const tables = ["migration_effects", "migration_errors"];
  return { ...(await db.snapshot({ tables, keys: ["tagged_at", "metadata.classification.runId"] })), effects, errors };
}

/** What an undisturbed run leaves; then everything is as it was before. */
async function undisturbed() {
  expect((await runInProcess(batch, db)).document.status).not.toBe("failed");
  const found = await outcome();
  await db.query(
    `update "Conversation" set tag = null, tagged_at = null, metadata = nullif(metadata - 'classification', '{}')`,
  );
  await db.query("update stores set chat_tag_counts = null");
  await db.query("truncate migration_effects, migration_errors, migration_runs, migration_checkpoints");
  return found;
}

async function killAt(fault: string): Promise<void> {
  const env = { CRM_MIGRATIONS_FAULT: fault };
  expect((await startFile(FILE, [], { url: db.url, env }).ended).exitCode).toBe(KILLED);
}

async function addStore(): Promise<void> {
  await db.query("insert into stores (id, name) values ('s1', 'Shop')");
  await addChat(db, SPAM, { channel: "wildberries", store_id: "s1", metadata: { source: "wildberries_sync" } });
}

test.each(["page-begin:2", "page-stored:2", "page-saved:2", "page-committed:2", "page-stored:4", "record"])(
  "a run that is killed at %s goes on from its last page, and ends as if nothing had happened",
  async (fault) => {
    await addStore();
    await addChats(db, 2_000);
    const expected = await undisturbed();
    await killAt(fault);
    const stored = (await tagsOf(db)).filter(({ tag }) => tag !== null).length;
    expect(stored).toBeGreaterThan(0);
    const { document, exitCode } = await runInProcess(batch, db);
    expect([exitCode, document.message]).toEqual([0, undefined]);
    expect(document.resumedFrom).toBeDefined();
    expect(document.stats).toMatchObject({ conversationsTagged: 2_001 - stored, conversationsUnchanged: 0 });
    expect(await outcome()).toEqual(expected);
  },
);

test.each(["split:1", "split:3", "page-committed:1", "page-committed:2", "page-committed:3"])(
  "a run that is killed at %s while it cuts a page in halves leaves out no conversation",
  async (fault) => {
    await addStore();
    await addChats(db, 60);
    await db.query(`alter table "Conversation" add constraint no_spam check (tag <> 'spam') not valid`);
    const expected = await undisturbed();
    await killAt(fault);
    const { document, exitCode } = await runInProcess(batch, db);
    expect([exitCode, document.stats.errors]).toEqual([1, 1]);
    expect((await tagsOf(db)).filter(({ tag }) => tag === null)).toHaveLength(1);
    expect(await outcome()).toEqual(expected);
  },
);

test("What a run with other tags has left half done is begun anew", async () => {
  await addChats(db, 30);
  await addChat(db, SPAM);
  await runInProcess(batch, db, ["--limit", "20"]);
  const tags = "tests/migrations/classify-chats/two-tags.json";
  expect((await runInProcess(batch, db, ["--tags", tags])).document.stats).toMatchObject({ conversationsTotal: 31 });
  expect(new Set((await tagsOf(db)).map(({ classification }) => classification?.version)).size).toBe(1);
});
