/** However many conversations there are, and however long, the process holds a page of them at most. */
import { beforeEach, expect, test } from "@jest/globals";
import { measureProcess } from "../../../scripts/lib/bench/measure.ts";
import { useDatabase } from "../../helpers/database.ts";
import { addChats } from "./chats.ts";

const db = useDatabase();
const FEW = 4_000;
const MANY = 40_000;
/** What V8 may keep before it must tidy up: far less than all of these conversations take. */
const HEAP = "--max-old-space-size=96";

// What it costs to keep the search indexes is the server's affair.
beforeEach(() => db.query('drop index "Message_content_fts_idx", "Message_content_fts_ru_idx"'));

/** The most memory, in MB, that the script's process has had. */
async function peak(): Promise<number> {
  await db.query("analyze");
  const { peakBytes } = await measureProcess("scripts/migrations/classify-chats.ts", [], db.url, [HEAP]);
  return peakBytes / 1024 ** 2;
}

test("Ten times the conversations take no more memory", async () => {
  await addChats(db, FEW);
  const few = await peak();
  await db.query('truncate "Conversation" cascade');
  await addChats(db, MANY);
  const many = await peak();
  expect(few).toBeGreaterThan(30);
  expect(many).toBeLessThan(few + 40);
}, 300_000);

test("Conversations of which each is as long as any is read fit into the same heap", async () => {
  await addChats(db, 700);
  await db.query(
    `insert into "Message" (conversation_id, role, content, created_at)
     select c.id, 'user', repeat('сколько стоит ', 143) || n, timestamptz '2025-02-01' + n * interval '1 minute'
       from "Conversation" c, generate_series(1, 120) n`,
  );
  expect(await peak()).toBeLessThan(300);
  const { rows } = await db.query(`select count(*)::int as tagged from "Conversation" where tag is not null`);
  expect(rows).toEqual([{ tagged: 700 }]);
}, 300_000);
