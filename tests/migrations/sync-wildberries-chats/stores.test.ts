/** Stores are independent: what one of them can't do is that one's affair. */
import { describe, expect, test } from "@jest/globals";
import { useDatabase } from "../../helpers/database.ts";
import { CHATS_PATH, EVENTS_PATH, onPath } from "../../helpers/stand-ins/wildberries.ts";
import { eventOf, FIRST_MS, makeSeller, tokenOf } from "../../helpers/stand-ins/wildberries-rows.ts";
import { logsIn, messagesOf, storedMessages, storeIn, useService } from "./bed.ts";

const db = useDatabase();
const bed = useService(db);

const logs = () => logsIn(db);
const storeRow = (id: string) => storeIn(db, id);

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

test("Faults on the way cost time, and nothing else", async () => {
  const seller = makeSeller(20, 500, { pageSize: 50 });
  await bed.addStore("501", seller);
  const at = (n: number, fault: object) =>
    bed.service.faults.push({
      ...fault,
      when: ({ path, query }) => path === EVENTS_PATH && query.get("next") === String(FIRST_MS + n),
    });
  at(50, { answer: { status: 503, body: "<html>busy</html>" }, times: 2 });
  at(150, { cut: "reset" });
  at(250, { cut: "truncate" });
  at(350, { delayMs: 200 });
  const { exitCode, document } = await bed.run();
  expect([exitCode, document.stats.storesFailed]).toEqual([0, 0]);
  expect(await storedMessages(db)).toEqual(messagesOf("501", seller));
}, 30_000);

test("An answer that always ends too early fails its store, and the next run goes on behind what is stored", async () => {
  const seller = makeSeller(20, 500, { pageSize: 50 });
  await bed.addStore("501", seller);
  bed.service.faults.push({
    cut: "truncate",
    times: 3,
    when: ({ query }) => query.get("next") === String(FIRST_MS + 250),
  });
  expect((await bed.run()).document).toMatchObject({ problems: [{ key: "501", code: "NOT_JSON" }] });
  expect((await bed.run()).document.stats).toMatchObject({ messagesExisting: 0, storesSynced: 1 });
  expect(await storedMessages(db)).toEqual(messagesOf("501", seller));
});
