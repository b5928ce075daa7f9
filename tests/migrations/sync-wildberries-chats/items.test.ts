/** One bad item costs one item, which --retry-errors finds again. */
import { describe, expect, test } from "@jest/globals";
import { allowMessages, refuseMessages } from "../../helpers/audits.ts";
import { useDatabase } from "../../helpers/database.ts";
import { numbersOf } from "../../helpers/script.ts";
import { EVENTS_PATH, type WbEvent } from "../../helpers/stand-ins/wildberries.ts";
import { chatOf, eventOf, FIRST_MS, makeSeller } from "../../helpers/stand-ins/wildberries-rows.ts";
import { useService } from "./bed.ts";

const db = useDatabase();
const bed = useService(db);

/** Events 1 to 60 of one chat, of which the one at this place is odd. */
const withOdd = (odd: Readonly<Record<string, unknown>>): { chats: []; events: WbEvent[] } => ({
  chats: [],
  events: Array.from({ length: 60 }, (_, n) => eventOf("c", n + 1, n === 29 ? odd : {})),
});

const keyAt = (n: number) => `501/1:c/${FIRST_MS + n}/ev-c-${n}`;

test.each([
  ["an unknown sender", { sender: "bot" }, "SENDER", keyAt(30)],
  ["no sender", { sender: undefined }, "SENDER", keyAt(30)],
  [
    "a time in seconds, and no other",
    { addTimestamp: 1_700_000_000, addTime: "yesterday" },
    "TIME",
    "501/1:c//ev-c-30",
  ],
  ["a text that is none", { message: { text: 5 } }, "SCHEMA", keyAt(30)],
  ["no chat", { chatID: null }, "SCHEMA", `501//${FIRST_MS + 30}/ev-c-30`],
])("An event with %s goes to quarantine alone, and the sums close", async (_, odd, code, key) => {
  await bed.addStore("501", withOdd(odd));
  const dry = await bed.run(["--dry-run"]);
  const real = await bed.run();
  expect(numbersOf(dry)).toEqual(numbersOf(real));
  const { document, exitCode } = real;
  const { eventsFetched = 0, messagesAdded = 0, messagesExisting = 0, eventsSkipped = 0, errors = 0 } = document.stats;
  expect(exitCode).toBe(1);
  expect(document.errors).toEqual([{ key, code, message: expect.any(String) }]);
  expect([messagesAdded, errors]).toEqual([59, 1]);
  expect(eventsFetched).toBe(messagesAdded + messagesExisting + eventsSkipped + errors);
});

describe("--retry-errors", () => {
  test("stores an event that has been mended at the source, by one request", async () => {
    const seller = withOdd({ sender: "bot" });
    await bed.addStore("501", seller);
    await bed.run();
    seller.events[29] = eventOf("c", 30);
    const asked = bed.service.asked.length;
    const { document, exitCode } = await bed.run(["--retry-errors"]);
    expect([exitCode, document.stats.messagesAdded, document.stats.errors]).toEqual([0, 1, 0]);
    expect(bed.service.asked.slice(asked).map(({ path, query }) => [path, query.get("next")])).toEqual([
      [EVENTS_PATH, String(FIRST_MS + 29)],
    ]);
    expect((await bed.run()).document.stats).toMatchObject({ errors: 0, messagesAdded: 0 });
  });

  test("leaves one that is as odd as before in quarantine, and lets one that is gone leave it", async () => {
    const seller = withOdd({ sender: "bot" });
    seller.events[9] = eventOf("c", 10, { sender: "robot" });
    await bed.addStore("501", seller);
    expect((await bed.run()).document.stats.errors).toBe(2);
    seller.events.splice(9, 1);
    const { document, exitCode } = await bed.run(["--retry-errors"]);
    expect([exitCode, document.stats.errors, document.errors.map(({ key }) => key)]).toEqual([1, 1, [keyAt(30)]]);
  });

  test("stores what the database refused, be it a message or a chat", async () => {
    await bed.addStore("501", { ...makeSeller(3, 30), chats: [chatOf("c0"), chatOf("c1"), chatOf("c2")] });
    await refuseMessages(db, "^text 9$");
    await db.query(`alter table "Conversation" add constraint not_this check (external_id <> '1:c1') not valid`);
    const { document, exitCode } = await bed.run();
    expect(exitCode).toBe(1);
    expect(document.errors.map(({ key }) => key)).toEqual(["501/1:c1", "501/1:c2/1700000000009/ev-c2-9"]);
    await allowMessages(db);
    await db.query(`alter table "Conversation" drop constraint not_this`);
    const mended = await bed.run(["--retry-errors"]);
    expect([mended.exitCode, mended.document.stats.errors]).toEqual([0, 0]);
    const { rows } = await db.query(`select count(*)::int as count from "Message"`);
    expect(rows).toEqual([{ count: 29 }]);
    expect((await bed.run(["--full"])).document.stats).toMatchObject({
      messagesAdded: 0,
      messagesExisting: 29,
      errors: 0,
    });
  });

  test("keeps the items of a store that can't be asked", async () => {
    await bed.addStore("501", withOdd({ sender: "bot" }));
    await bed.run();
    await db.query("update stores set chat_api_token = null");
    const { exitCode, document } = await bed.run(["--retry-errors"]);
    expect([exitCode, document.stats.errors]).toEqual([1, 1]);
    expect(document.message).toContain("stores without a token");
  });
});

test("A chat of the list that can't be read costs itself; its messages come by the events", async () => {
  await bed.addStore("501", { chats: [chatOf("a"), { chatID: 7 }], events: [eventOf("a", 1)] });
  const { document, exitCode } = await bed.run();
  expect([exitCode, document.stats.messagesAdded]).toEqual([1, 1]);
  expect(document.errors).toEqual([
    { key: expect.stringMatching(/^501\/md5:/), code: "SCHEMA", message: expect.stringContaining("chatID") },
  ]);
});

test("Hostile texts are stored as they are, but for U+0000", async () => {
  const texts = ["\0", "a\0b", "\ud800x", "'; drop table stores; --", "😀".repeat(60), "x".repeat(100_000)];
  const odd = texts.map((text, n) =>
    eventOf(n < 3 ? `c${text}` : "c", n + 1, { eventID: `ev-${text.slice(0, 20_000)}`, message: { text } }),
  );
  await bed.addStore("501", { chats: [], events: [...odd, eventOf("i".repeat(10_000), 50, { sender: "bot" })] });
  const { document } = await bed.run();
  expect(document.stats).toMatchObject({ messagesAdded: texts.length, errors: 1 });
  expect((await bed.run(["--full"])).document.stats).toMatchObject({
    messagesAdded: 0,
    messagesExisting: texts.length,
    errors: 1,
  });
});
