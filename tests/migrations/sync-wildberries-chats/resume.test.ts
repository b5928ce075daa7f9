/** A sync that was cut off goes on where each store was. */
import { describe, expect, test } from "@jest/globals";
import { holdAt } from "../../helpers/audits.ts";
import { useDatabase } from "../../helpers/database.ts";
import { startScript, until } from "../../helpers/script.ts";
import type { Asked } from "../../helpers/stand-ins/stand-in.ts";
import { EVENTS_PATH } from "../../helpers/stand-ins/wildberries.ts";
import { FIRST_MS, makeSeller } from "../../helpers/stand-ins/wildberries-rows.ts";
import { messagesOf, NAME, QUICK, storedMessages, useService } from "./bed.ts";

const db = useDatabase();
const bed = useService(db);

const nextOf = ({ query }: Asked): number => Number(query.get("next") ?? 0);
const cursorOf = async (id: string) =>
  Number(
    (await db.query<{ cursor: string }>("select chat_cursor as cursor from stores where id = $1", [id])).rows[0]
      ?.cursor,
  );

/** Kills a run with SIGKILL in the middle of the page that holds this text. */
async function killAt(text: string, argv: readonly string[] = []): Promise<void> {
  const hold = await holdAt(db, text);
  const env = { WB_CHAT_API_URL: bed.service.url };
  const killed = startScript(NAME, [...QUICK, ...argv], { url: db.url, env });
  await until(hold.reached);
  killed.signal("SIGKILL");
  await killed.ended;
  await hold.letGo();
}

describe("A run that was killed", () => {
  test("is gone on with from the stored cursor: no page of events is fetched that was committed", async () => {
    const seller = makeSeller(50, 5_000, { pageSize: 250 });
    await bed.addStore("501", seller);
    await killAt("text 3501");
    const cursor = await cursorOf("501");
    expect(cursor).toBeGreaterThan(FIRST_MS);
    const asked = bed.service.of(EVENTS_PATH).length;
    const { document, exitCode } = await bed.run();
    expect(exitCode).toBe(0);
    const again = bed.service.of(EVENTS_PATH).slice(asked).map(nextOf);
    expect(again[0]).toBe(cursor);
    expect(Math.min(...again)).toBe(cursor);
    expect(again).toHaveLength((FIRST_MS + 5_000 - cursor) / 250 + 1);
    expect(await storedMessages(db)).toEqual(messagesOf("501", seller));
    expect(document.stats).toMatchObject({ messagesExisting: 0, chatsTotal: 50, storesSynced: 1 });
  }, 60_000);

  test("has its log closed by the next one", async () => {
    await bed.addStore("501", makeSeller(5, 5_000, { pageSize: 250 }));
    await killAt("text 3501");
    await bed.run();
    const { rows } = await db.query(
      "select status, error_message, completed_at is not null as completed from sync_logs order by id",
    );
    expect(rows).toEqual([
      { status: "error", error_message: "its process died", completed: true },
      { status: "success", error_message: null, completed: true },
    ]);
  }, 60_000);

  test("has its log closed also by a run that asks other stores", async () => {
    await bed.addStore("501", makeSeller(5, 5_000, { pageSize: 250 }));
    await killAt("text 3501");
    await bed.addStore("502", makeSeller(5, 10));
    await bed.addStore("503", makeSeller(5, 10));
    await bed.run(["--store", "502"]);
    const { rows } = await db.query("select store_id, status from sync_logs order by id");
    expect(rows).toEqual([
      { store_id: "501", status: "error" },
      { store_id: "502", status: "success" },
    ]);
  }, 60_000);

  test("with --full goes on with --full where each store was", async () => {
    const first = await bed.addStore("501", makeSeller(5, 100));
    const second = await bed.addStore("502", makeSeller(50, 5_000, { pageSize: 250 }, "d"));
    await bed.run();
    await db.query(`delete from "Message"`);
    const argv = ["--full", "--concurrency", "1"];
    await killAt("text 3501", argv);
    const asked = bed.service.asked.length;
    const { document } = await bed.run(argv);
    const again = bed.service.asked.slice(asked);
    expect(again.filter(({ headers }) => headers.authorization === first)).toEqual([]);
    const events = again.filter((one) => one.path === EVENTS_PATH && one.headers.authorization === second).map(nextOf);
    expect(Math.min(...events)).toBeGreaterThan(FIRST_MS);
    expect(document.stats).toMatchObject({ storesTotal: 1, storesSynced: 1 });
    expect((await storedMessages(db)).length).toBe(98 + 4_900);
  }, 60_000);
});

describe("--limit", () => {
  test("counts pages of events in all, keeps the cursors, and says how it ended", async () => {
    await bed.addStore("501", makeSeller(5, 1_000, { pageSize: 100 }));
    const { document, exitCode, output } = await bed.run(["--limit", "3"]);
    expect([exitCode, document.stats.eventsFetched, document.stats.storesSynced]).toEqual([0, 300, 0]);
    expect(output).toContain("topped at --limit");
    expect(await cursorOf("501")).toBe(FIRST_MS + 300);
    expect((await bed.run()).document.stats).toMatchObject({ eventsFetched: 700, storesSynced: 1 });
  });

  test("is shared by stores at the same time", async () => {
    await bed.addStore("501", makeSeller(5, 500));
    await bed.addStore("502", makeSeller(5, 500));
    expect((await bed.run(["--limit", "5"])).document.stats.eventsFetched).toBe(500);
  });
});

test("A run that waits keeps no other from syncing all stores", async () => {
  await bed.addStore("501", makeSeller(5, 100), { next: new Date(Date.now() + 3_600_000) });
  const token = await bed.addStore("502", makeSeller(5, 100));
  expect((await bed.run()).exitCode).toBe(75);
  bed.service.sellers.set(token, makeSeller(5, 120));
  expect((await bed.run()).document.stats).toMatchObject({ storesSynced: 1, messagesAdded: 19 });
});

test("A full sync that was cut off keeps no ordinary run back, nor the other way round", async () => {
  const seller = makeSeller(5, 1_000, { pageSize: 100 });
  await bed.addStore("501", seller);
  expect((await bed.run(["--limit", "2"])).exitCode).toBe(0);
  expect((await bed.run(["--full", "--limit", "3"])).document.stats).toMatchObject({ eventsFetched: 300 });
  expect((await bed.run(["--limit", "2"])).document.stats).toMatchObject({ eventsFetched: 200 });
  expect((await bed.run(["--full", "--limit", "4"])).document.stats).toMatchObject({ eventsFetched: 400 });
  expect((await bed.run(["--full"])).document.stats).toMatchObject({ eventsFetched: 600, storesSynced: 1 });
  expect(await storedMessages(db)).toEqual(messagesOf("501", seller));
});

test("An interrupted run ends 130, and leaves its stores to the next", async () => {
  await bed.addStore("501", makeSeller(5, 1_000, { pageSize: 10 }));
  bed.service.faults.push({ delayMs: 50, times: 1_000 });
  const started = startScript(NAME, QUICK, { url: db.url, env: { WB_CHAT_API_URL: bed.service.url } });
  await until(() => bed.service.of(EVENTS_PATH).length > 3);
  started.signal("SIGINT");
  expect((await started.ended).exitCode).toBe(130);
  bed.service.faults.splice(0);
  expect((await bed.run()).document).toMatchObject({
    status: "completed",
    stats: { storesSynced: 1, storesFailed: 0 },
  });
}, 60_000);
