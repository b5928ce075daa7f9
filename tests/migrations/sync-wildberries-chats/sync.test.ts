/** Everything that stores have comes over, once. */
import { describe, expect, test } from "@jest/globals";
import { useDatabase } from "../../helpers/database.ts";
import { CHATS_PATH, EVENTS_PATH } from "../../helpers/stand-ins/wildberries.ts";
import { chatOf, eventOf, FIRST_MS, makeSeller } from "../../helpers/stand-ins/wildberries-rows.ts";
import { messagesOf, storedMessages, useService } from "./bed.ts";

const db = useDatabase();
const bed = useService(db);

const logs = async () =>
  (await db.query<Record<string, unknown>>("select * from sync_logs order by id")).rows.map(
    ({ id: _, started_at: __, completed_at, ...row }) => ({
      ...row,
      completed: completed_at !== null,
    }),
  );

describe("Stores with thousands of events", () => {
  test("have each message in the database once, under its source's names, and the numbers say so", async () => {
    const one = makeSeller(120, 3_000, { pageSize: 170 });
    const two = makeSeller(40, 1_000, { pageSize: 100, lastPage: "null", inclusive: true }, "d");
    await bed.addStore("501", one);
    await bed.addStore("502", two);
    const { document, exitCode, output } = await bed.run();
    expect(exitCode).toBe(0);
    const expected = [...messagesOf("501", one), ...messagesOf("502", two)];
    expect(await storedMessages(db)).toEqual(expected);
    expect(document.stats).toEqual({
      storesTotal: 2,
      storesSynced: 2,
      storesFailed: 0,
      chatsTotal: 160,
      chatsSynced: 160,
      eventsFetched: 4_000 + bordersOf(1_000, 100),
      messagesAdded: expected.length,
      messagesExisting: bordersOf(1_000, 100),
      eventsSkipped: 80,
      chatsClassified: 0,
      requests: bed.service.asked.length,
      waitedSeconds: 0,
      errors: 0,
    });
    expect(document.skipped).toEqual({ noMessage: 40, unknownType: 40 });
    expect(output).toMatch(/^\s+store 501 synced: 120 chats; messages: 2940 new, 0 known; 60 events skipped/m);
    expect(await logs()).toEqual([
      expect.objectContaining({
        store_id: "501",
        sync_type: "full",
        status: "success",
        chats_total: 120,
        chats_synced: 120,
        messages_added: 2_940,
        chats_classified: 0,
        error_message: null,
        completed: true,
      }),
      expect.objectContaining({
        store_id: "502",
        sync_type: "full",
        status: "success",
        chats_total: 40,
        chats_synced: 40,
        messages_added: 980,
        chats_classified: 0,
        error_message: null,
        completed: true,
      }),
    ]);
  });

  test("bring nothing the second time, and cost two requests each", async () => {
    const seller = makeSeller(20, 500);
    await bed.addStore("501", seller);
    await bed.run();
    const before = await db.snapshot({ tables: ["sync_logs"] });
    const asked = bed.service.asked.length;
    const { document } = await bed.run();
    expect(document.stats).toMatchObject({
      messagesAdded: 0,
      eventsFetched: 0,
      chatsTotal: 20,
      chatsSynced: 18,
      requests: 2,
    });
    expect(bed.service.asked.slice(asked).map(({ path }) => path)).toEqual([CHATS_PATH, EVENTS_PATH]);
    expect(bed.service.asked.at(-1)?.query.get("next")).toBe(String(FIRST_MS + 500));
    expect(await db.snapshot({ tables: ["sync_logs"] })).toEqual(before);
  });

  test("bring only what came since, or everything again with --full, which adds nothing", async () => {
    const seller = makeSeller(20, 500);
    await bed.addStore("501", seller);
    await bed.run();
    seller.events.push(eventOf("new", 501), eventOf("c1", 502));
    expect((await bed.run()).document.stats).toMatchObject({ messagesAdded: 2, eventsFetched: 2, chatsTotal: 21 });
    const full = (await bed.run(["--full"])).document.stats;
    expect(full).toMatchObject({ messagesAdded: 0, messagesExisting: 492, eventsSkipped: 10, eventsFetched: 502 });
    expect((await logs()).map((row) => (row as { sync_type?: string }).sync_type)).toEqual([
      "full",
      "incremental",
      "full",
    ]);
  });
});

test("Chats that are in no list, or have no message, are conversations, too", async () => {
  await bed.addStore("501", {
    chats: [chatOf("listed", { clientID: "buyer-1" }), chatOf("silent", { lastMessage: undefined })],
    events: [eventOf("listed", 1), eventOf("told", 2), eventOf("empty", 3, { message: undefined })],
  });
  await bed.run();
  const { rows } = await db.query(
    `select external_id, store_id, channel, (select count(*)::int from "Message" m where m.conversation_id = c.id) as messages,
            metadata - 'runId' - 'createdAt' as metadata
       from "Conversation" c
   order by external_id collate "C"`,
  );
  const made = { source: "wildberries_sync", createdBy: "sync-wildberries-chats.ts" };
  const goodCard = { nmID: 1001, price: 100, priceCurrency: "RUB", rid: "r", size: "M" };
  expect(rows.map(({ metadata, ...row }) => [row, metadata])).toEqual([
    [
      { external_id: "1:empty", store_id: "501", channel: "wildberries", messages: 0 },
      { ...made, clientName: "Buyer empty" },
    ],
    [
      { external_id: "1:listed", store_id: "501", channel: "wildberries", messages: 1 },
      { ...made, clientName: "Buyer listed", clientId: "buyer-1", goodCard },
    ],
    [
      { external_id: "1:silent", store_id: "501", channel: "wildberries", messages: 0 },
      { ...made, clientName: "Buyer silent", goodCard },
    ],
    [
      { external_id: "1:told", store_id: "501", channel: "wildberries", messages: 1 },
      { ...made, clientName: "Buyer told" },
    ],
  ]);
});

test("Two stores may use the same chat and event ids", async () => {
  await bed.addStore("501", makeSeller(3, 30));
  await bed.addStore("502", makeSeller(3, 30));
  expect((await bed.run()).document.stats).toMatchObject({ messagesAdded: 58, messagesExisting: 0, chatsTotal: 6 });
});

/** How often an inclusive border brings an event again: after each page, which takes one less each time, and at the end. */
const bordersOf = (events: number, pageSize: number): number => 1 + Math.ceil((events - pageSize) / (pageSize - 1));
