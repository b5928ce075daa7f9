/** A CRM that writes to the same conversations at the same time. */
import { expect, test } from "@jest/globals";
import pg from "pg";
import batch from "../../../scripts/migrations/classify-chats.ts";
import { addMessage, rowsOf } from "../../helpers/crm.ts";
import { useDatabase } from "../../helpers/database.ts";
import { runInProcess, startFile, until } from "../../helpers/script.ts";
import { addChat, addChats, tagsOf } from "./chats.ts";

const FILE = "scripts/migrations/classify-chats.ts";
const ASKS = ["How much is the blue one?", "It is 20."];
const db = useDatabase();

/** What somebody else does in a transaction that is open while the run wants the same rows. */
async function meanwhile(sql: string) {
  const client = new pg.Client({ connectionString: db.url });
  await client.connect();
  try {
    await client.query("begin");
    await client.query(sql);
    const started = startFile(FILE, ["--json"], { url: db.url });
    await until(async () => {
      const { rows } = await client.query("select from pg_locks where not granted");
      return rows.length > 0;
    }, "a lock that the run waits for");
    await client.query("commit");
    return await started.ended;
  } finally {
    await client.end();
  }
}

test("what it writes while a page waits for it is kept, and the tag is added", async () => {
  const id = await addChat(db, ASKS, { metadata: { source: "crm" } });
  const { json, exitCode } = await meanwhile(
    `update "Conversation" set metadata = metadata || '{"vip": true}', last_message_preview = 'new', status = 'closed'`,
  );
  expect({ exitCode, stats: json.stats }).toMatchObject({ exitCode: 0, stats: { conversationsTagged: 1 } });
  expect(await rowsOf(db, "Conversation", "id")).toMatchObject([
    { id, status: "closed", metadata: { source: "crm", vip: true, classification: { runId: json.runId } } },
  ]);
});

test("a tag that it gives while a page waits for it stays, and is counted as given by hand", async () => {
  await addChat(db, ASKS);
  const { json } = await meanwhile(`update "Conversation" set tag = 'vip'`);
  expect(json).toMatchObject({ stats: { conversationsTagged: 0 }, skipped: { byHand: 1 }, errors: [] });
  expect(await tagsOf(db)).toMatchObject([{ tag: "vip", classification: null }]);
  expect(await rowsOf(db, "migration_effects", "id")).toEqual([]);
});

test("a conversation that it deletes while a page waits for it is gone, and nothing fails", async () => {
  await addChat(db, ASKS);
  const { exitCode, json } = await meanwhile(`delete from "Conversation"`);
  expect({ exitCode, stats: json.stats }).toMatchObject({ exitCode: 0, stats: { conversationsTagged: 0, errors: 0 } });
});

test("a CRM that writes without a pause loses nothing, and nothing of it is undone", async () => {
  await addChats(db, 3_000);
  const client = new pg.Client({ connectionString: db.url });
  await client.connect();
  const started = startFile(FILE, ["--json"], { url: db.url });
  let ended = false;
  void started.ended.then(() => {
    ended = true;
  });
  let wrote = 0;
  while (!ended) {
    await client.query(
      `update "Conversation"
          set metadata = coalesce(metadata, '{}') || jsonb_build_object('seen', coalesce((metadata ->> 'seen')::int, 0) + 1)
        where id = crm_uuid('chat', $1)`,
      [String(1 + (wrote % 3_000))],
    );
    wrote += 1;
  }
  await client.end();
  expect((await started.ended).exitCode).toBe(0);
  const { rows } = await db.query<{ seen: number; tagged: number }>(
    `select sum((metadata ->> 'seen')::int)::int as seen, count(tag)::int as tagged from "Conversation"`,
  );
  expect(rows).toEqual([{ seen: wrote, tagged: 3_000 }]);
});

test("a message that comes after a conversation was read is read by the next run", async () => {
  const id = await addChat(db, ASKS);
  await runInProcess(batch, db);
  await addMessage(db, id, { content: "I want my money back!", created_at: "2025-02-01T00:00:00Z" });
  expect((await runInProcess(batch, db)).document.stats).toMatchObject({ conversationsRetagged: 1 });
});

test("a tag that was taken away is given again", async () => {
  await addChat(db, ASKS);
  await runInProcess(batch, db);
  await db.query(`update "Conversation" set tag = null`);
  expect((await runInProcess(batch, db)).document.stats).toMatchObject({ conversationsTagged: 1 });
  expect((await tagsOf(db))[0]?.tag).not.toBeNull();
});
