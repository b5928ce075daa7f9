/** Batch 9 runs after a sync that was asked for it; what a log of the background shows. */
import { expect, test } from "@jest/globals";
import { rowsOf } from "../../helpers/crm.ts";
import { useDatabase } from "../../helpers/database.ts";
import { startFile } from "../../helpers/script.ts";
import { makeSeller } from "../../helpers/stand-ins/wildberries-rows.ts";
import { NAME, QUICK, useService } from "./bed.ts";

const db = useDatabase();
const bed = useService(db);

const sync = (...argv: string[]) =>
  startFile(`scripts/migrations/${NAME}.ts`, [...QUICK, ...argv], {
    url: db.url,
    env: { WB_CHAT_API_URL: bed.service.url },
  }).ended;

const tags = async () => (await rowsOf(db, "Conversation", "id")).map(({ tag }) => tag);

test("--classify tags the chats after the sync, in a run of its own, and both say how many", async () => {
  await bed.addStore("501", makeSeller(20, 200));
  await db.query(`insert into "Conversation" (channel) values ('sms')`);
  const { exitCode, json } = await sync("--classify", "--json");
  expect(exitCode).toBe(0);
  expect(json).toMatchObject({
    script: NAME,
    stats: { storesSynced: 1, chatsClassified: 20 },
    followedBy: { script: "classify-chats", stats: { conversationsTagged: 20 } },
  });
  expect((await tags()).filter((tag) => tag === null)).toHaveLength(1); // not a chat of a store
  expect((await rowsOf(db, "sync_logs", "id")).map((row) => row.chats_classified)).toEqual([20]);
  const [store] = await rowsOf(db, "stores", "id");
  expect(Object.values(store?.chat_tag_counts ?? {}).reduce((sum: number, n) => sum + Number(n), 0)).toBe(20);
  expect((await rowsOf(db, "migration_runs", "id")).map(({ script }) => script)).toEqual([NAME, "classify-chats"]);
});

test("A store that has to wait keeps the chats of the others from no tag", async () => {
  await bed.addStore("501", makeSeller(5, 20));
  await bed.addStore("502", makeSeller(5, 20, {}, "d"), { next: new Date(Date.now() + 3_600_000) });
  const { exitCode, json, stderr } = await sync("--classify", "--json");
  expect(exitCode).toBe(75);
  expect(json).toMatchObject({ status: "waiting", stats: { chatsClassified: 5 }, followedBy: { status: "completed" } });
  expect(stderr).toContain("Stores that have to wait: 502");
});

test("Its rehearsal classifies nothing, and without the option nothing follows", async () => {
  await bed.addStore("501", makeSeller(5, 20));
  const { json } = await sync("--classify", "--dry-run", "--json");
  expect(json).toMatchObject({ mode: "dry-run", followedBy: { mode: "dry-run" } });
  const plain = await sync("--json");
  expect(plain.json).not.toHaveProperty("followedBy");
  expect(await tags()).toEqual([null, null, null, null, null]);
});

test("Where nobody watches, each line of the log has its time", async () => {
  await bed.addStore("501", makeSeller(5, 20));
  const { stdout } = await sync();
  expect(stdout).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z {3}store 501 synced: 5 chats/m);
  const lines = stdout.trimEnd().split("\n");
  expect(lines.filter((line) => !/^\d{4}-\d\d-\d\dT[\d:.]+Z /.test(line))).toEqual([]);
});
