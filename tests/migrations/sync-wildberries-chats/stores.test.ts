/** Stores are independent: what one of them can't do is that one's affair. */
import { describe, expect, test } from "@jest/globals";
import { useDatabase } from "../../helpers/database.ts";
import { CHATS_PATH, EVENTS_PATH, onPath, tooMany } from "../../helpers/stand-ins/wildberries.ts";
import { eventOf, FIRST_MS, makeSeller, tokenOf } from "../../helpers/stand-ins/wildberries-rows.ts";
import { useService } from "./bed.ts";

const db = useDatabase();
const bed = useService(db);

const HOUR_MS = 3_600_000;
const logs = async () =>
  (
    await db.query<{ store_id: string; status: string; error_message: string | null }>(
      "select store_id, status, error_message from sync_logs order by id",
    )
  ).rows;
const storeRow = async (id: string) =>
  (
    await db.query<{ cursor: string | null; chats: number; next: Date | null }>(
      "select chat_cursor as cursor, total_chats as chats, next_request_at as next from stores where id = $1",
      [id],
    )
  ).rows[0];

describe("A store that fails", () => {
  test("leaves the others alone, is named, makes the run exit 1, and is tried again by the next", async () => {
    const refused = await bed.addStore("501", makeSeller(5, 100));
    await bed.addStore("502", makeSeller(5, 100));
    const seller = bed.service.sellers.get(refused);
    bed.service.sellers.delete(refused);
    const { document, exitCode, output } = await bed.run();
    expect(exitCode).toBe(1);
    expect(document).toMatchObject({
      status: "completed_with_errors",
      problems: [{ key: "501", code: "HTTP_401" }],
      stats: { storesTotal: 2, storesSynced: 1, storesFailed: 1, messagesAdded: 98, errors: 0 },
    });
    expect(output).toContain("store 501 failed");
    expect(bed.service.of(CHATS_PATH, refused)).toHaveLength(1);
    expect(await logs()).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ store_id: "501", status: "error", error_message: expect.stringContaining("401") }),
        { store_id: "502", status: "success", error_message: null },
      ]),
    );
    if (seller !== undefined) bed.service.sellers.set(refused, seller);
    expect((await bed.run()).document.stats).toMatchObject({ storesSynced: 2, messagesAdded: 98 });
  });

  test.each([
    ["has expired", { exp: 1_700_000_000 }, "expired at 2023-11-14T22:13:20.000Z"],
    ["has no access to chats", { s: 1 << 8 }, "no access to buyer chats"],
  ])("because its token %s costs no request", async (_, payload, why) => {
    await bed.addStore("501", makeSeller(1, 1), { token: tokenOf("501", payload) });
    const { document, exitCode } = await bed.run();
    expect([exitCode, bed.service.asked]).toEqual([1, []]);
    expect(document.problems).toEqual([{ key: "501", code: "TOKEN", message: expect.stringContaining(why) }]);
    expect(await logs()).toEqual([{ store_id: "501", status: "error", error_message: expect.stringContaining(why) }]);
  });

  test.each([
    ["a frame that does not fit", { body: { result: { events: "none" } } }, "SCHEMA"],
    [
      "a next that does not advance with new events",
      { body: { result: { next: 1, totalEvents: 1, events: [eventOf("c", 5)] } } },
      "NEXT",
    ],
    ["errors beside the result", { body: { result: { totalEvents: 0 }, errors: ["try later"] } }, "ERRORS"],
    ["a page of HTML", { status: 200, body: "<html>busy</html>" }, "NOT_JSON"],
  ])("because of %s keeps what is stored and its cursor", async (_, answer, code) => {
    await bed.addStore("501", makeSeller(5, 100, { pageSize: 40 }));
    const second = onPath(EVENTS_PATH, { answer, times: 3 });
    bed.service.faults.push({
      ...second,
      when: (asked) => asked.path === EVENTS_PATH && asked.query.get("next") !== null,
    });
    const { document, exitCode } = await bed.run();
    expect([exitCode, document.problems?.map((problem) => problem.code)]).toEqual([1, [code]]);
    expect(document.stats).toMatchObject({ messagesAdded: 38, storesFailed: 1 });
    expect(await storeRow("501")).toMatchObject({ cursor: String(FIRST_MS + 40), chats: 5 });
    bed.service.faults.splice(0);
    expect((await bed.run()).document.stats).toMatchObject({ messagesAdded: 60, storesFailed: 0 });
  });

  test("because none of its events can be read keeps its cursor, and none of them is set aside", async () => {
    await bed.addStore("501", {
      chats: [],
      events: Array.from({ length: 30 }, (_, n) => eventOf("c", n, { sender: "bot" })),
    });
    const { document } = await bed.run();
    expect(document).toMatchObject({ problems: [{ code: "SCHEMA" }], stats: { errors: 0, storesFailed: 1 } });
    expect(await storeRow("501")).toMatchObject({ cursor: null });
  });
});

describe("A store with an hourly token", () => {
  const base = tokenOf("501", { acc: 1 });

  test("spends its one request on events, ends with exit 75, and lets the others go on", async () => {
    await bed.addStore("501", makeSeller(5, 100, { pageSize: 60, limit: { requests: 1, perMs: HOUR_MS } }), {
      token: base,
    });
    await bed.addStore("502", makeSeller(5, 100));
    const { document, exitCode, output } = await bed.run();
    expect([exitCode, document.status, document.stats.messagesAdded]).toEqual([75, "waiting", 58 + 98]);
    expect(bed.service.asked.filter(({ headers }) => headers.authorization === base).map(({ path }) => path)).toEqual([
      EVENTS_PATH,
    ]);
    const { next, cursor } = (await storeRow("501")) ?? {};
    expect(cursor).toBe(String(FIRST_MS + 60));
    expect(Math.abs((next?.getTime() ?? 0) - Date.now() - HOUR_MS)).toBeLessThan(60_000);
    expect(document.message).toContain(`501: its token may ask once an hour, until ${next?.toISOString()}`);
    expect(output).toContain("its list of chats is left out");
    expect(await logs()).toContainEqual({
      store_id: "501",
      status: "error",
      error_message: `its token may ask once an hour, until ${next?.toISOString()}`,
    });
  });

  test("is not asked again before its time, and goes on from its cursor after it", async () => {
    await bed.addStore("501", makeSeller(5, 100, { pageSize: 60 }), { token: base });
    await bed.addStore("502", makeSeller(5, 100));
    await bed.run();
    const asked = bed.service.asked.length;
    const second = await bed.run();
    expect([second.exitCode, second.document.stats.storesSynced]).toEqual([75, 1]);
    expect(bed.service.asked.slice(asked).filter(({ headers }) => headers.authorization === base)).toEqual([]);
    await db.query("update stores set next_request_at = now() - interval '1 second' where id = '501'");
    const third = await bed.run();
    expect(third.document.stats).toMatchObject({ messagesAdded: 40, messagesExisting: 0 });
  });

  test("whose one request finds nothing new is synced, and may come back in an hour", async () => {
    await bed.addStore("501", makeSeller(1, 0), { token: base });
    expect((await bed.run()).document).toMatchObject({ status: "completed", stats: { storesSynced: 1 } });
    expect((await storeRow("501"))?.next).not.toBeNull();
    expect((await bed.run()).exitCode).toBe(75);
  });

  test("waits beside a store that failed: exit 1 wins, and both are named", async () => {
    await bed.addStore("501", makeSeller(5, 100), { token: base });
    await bed.addStore("502", makeSeller(1, 1), { token: tokenOf("502", { s: 0 }) });
    const { document, exitCode } = await bed.run();
    expect(exitCode).toBe(1);
    expect(document).toMatchObject({ problems: [{ key: "502" }], message: expect.stringContaining("501") });
  });
});

describe("A limit", () => {
  test("that asks for a short wait is waited for, and counted", async () => {
    await bed.addStore("501", makeSeller(2, 20));
    bed.service.faults.push(onPath(EVENTS_PATH, { answer: tooMany({ retry: 1 }) }));
    const { document, exitCode } = await bed.run();
    expect(exitCode).toBe(0);
    expect(document.stats.waitedSeconds).toBeGreaterThanOrEqual(0.9);
    expect(document.stats.requests).toBe(bed.service.asked.length);
  });

  test("that asks for more than --max-wait ends with exit 75, and with when to come back in the store's row", async () => {
    await bed.addStore("501", makeSeller(2, 20));
    bed.service.faults.push(onPath(EVENTS_PATH, { answer: tooMany({ retry: 600 }) }));
    const { exitCode } = await bed.run(["--max-wait", "2s"]);
    expect(exitCode).toBe(75);
    expect(Math.abs(((await storeRow("501"))?.next?.getTime() ?? 0) - Date.now() - 600_000)).toBeLessThan(30_000);
  });

  test("without any header that persists ends with exit 75", async () => {
    await bed.addStore("501", makeSeller(2, 20));
    bed.service.faults.push(onPath(EVENTS_PATH, { answer: tooMany(), times: 3 }));
    expect((await bed.run()).exitCode).toBe(75);
  }, 20_000);
});

describe("Which stores", () => {
  test("are those with a token, of which the chats' own goes first, or the one that is asked for", async () => {
    const token = await bed.addStore("501", makeSeller(2, 20));
    await db.query("update stores set api_token = 'another-token-of-theirs'");
    await db.query(
      "insert into stores (id, name, api_token) values ('502', 'B', $1), ('503', 'C', ' '), ('504', 'D', null)",
      [token],
    );
    expect((await bed.run()).document.stats).toMatchObject({ storesTotal: 2, storesSynced: 2 });
    expect((await bed.run(["--store", "502"])).document.stats).toMatchObject({ storesTotal: 1 });
    await expect(bed.run(["--store", "504"])).rejects.toThrow(/has no token.*add-store\.ts 504/);
    await expect(bed.run(["--store", "nine"])).rejects.toThrow(/there is none with nine/);
  });

  test("are named where there is none, with the command that adds one", async () => {
    const { exitCode, output } = await bed.run();
    expect([exitCode, output]).toEqual([0, expect.stringContaining("npx tsx scripts/add-store.ts ID")]);
  });
});
