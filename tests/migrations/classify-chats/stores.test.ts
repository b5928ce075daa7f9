/** What stores and their newest log are told about tags. */
import { beforeEach, expect, test } from "@jest/globals";
import batch from "../../../scripts/migrations/classify-chats.ts";
import { rowsOf } from "../../helpers/crm.ts";
import { useDatabase } from "../../helpers/database.ts";
import { runInProcess } from "../../helpers/script.ts";
import { addChat } from "./chats.ts";

const db = useDatabase();
const ASKS = ["How much is the blue one?", "It is 20."];
const ofStore = { channel: "wildberries", store_id: "s1" };

beforeEach(async () => {
  await db.query("insert into stores (id, name) values ('s1', 'Shop')");
  await db.query("insert into sync_logs (store_id, sync_type, status) values ('s1', 'full', 'success')");
});

const counts = async () => (await rowsOf(db, "stores", "id"))[0]?.chat_tag_counts;
const classified = async () => (await rowsOf(db, "sync_logs", "id")).map((row) => row.chats_classified);

test("A second run, which finds nothing new, changes no number", async () => {
  for (const lines of [ASKS, ASKS]) await addChat(db, lines, ofStore);
  await runInProcess(batch, db);
  expect(await classified()).toEqual([2]);
  const before = await db.snapshot();
  await runInProcess(batch, db);
  expect(await db.snapshot()).toEqual(before);
});

test("A log counts what was classified since its sync began, in whatever runs, and no tag of a person", async () => {
  await addChat(db, ASKS, ofStore);
  await runInProcess(batch, db);
  await db.query("insert into sync_logs (store_id, sync_type, status) values ('s1', 'incremental', 'success')");
  await addChat(db, ASKS, ofStore);
  await addChat(db, ASKS, { ...ofStore, tag: "vip", tagged_at: "2100-01-01" });
  await runInProcess(batch, db, ["--limit", "1"]);
  await runInProcess(batch, db);
  expect(await classified()).toEqual([1, 1]);
  expect(Object.values((await counts()) as object).reduce((sum, n) => sum + n, 0)).toBe(3);
});

test("A store that has lost its conversations is told so, and the rollback gives the counts back", async () => {
  await addChat(db, ASKS, ofStore);
  await runInProcess(batch, db);
  expect(await counts()).not.toBeNull();
  await db.query(`delete from "Conversation"`);
  await runInProcess(batch, db);
  expect(await counts()).toBeNull();
});

test("Whatever stands in metadata.classification keeps no count from being made", async () => {
  await addChat(db, ASKS, { ...ofStore, tag: "vip", metadata: { classification: { runId: "the first", tag: 7 } } });
  await addChat(db, ASKS, { ...ofStore, tag: "vip", metadata: { classification: "question" } });
  expect(await runInProcess(batch, db)).toMatchObject({ exitCode: 0 });
  expect(await counts()).toEqual({ vip: 2 });
});

test("Thousands of stores with their logs are counted in a moment", async () => {
  await db.query("insert into stores (id, name) select 't' || n, 'Shop' from generate_series(1, 5000) n");
  await db.query(
    `insert into sync_logs (store_id, sync_type, status)
     select 't' || n, 'full', 'success' from generate_series(1, 5000) n, generate_series(1, 20)`,
  );
  await db.query(
    `insert into "Conversation" (channel, store_id, tag, tagged_at)
     select 'wildberries', 't' || n, 'vip', now() from generate_series(1, 5000) n, generate_series(1, 4)`,
  );
  await db.query("analyze");
  const startedAt = performance.now();
  await runInProcess(batch, db);
  expect(performance.now() - startedAt).toBeLessThan(15_000);
  expect((await rowsOf(db, "stores", "id")).filter((row) => row.chat_tag_counts?.vip === 4)).toHaveLength(5_000);
});
