/** What becomes of each kind of event. */
import { describe, expect, test } from "@jest/globals";
import { readEvent } from "../../../../scripts/lib/sources/wildberries/message.ts";
import { namesIn } from "../../../../scripts/lib/thread.ts";
import { eventOf, FIRST_MS } from "../../../helpers/stand-ins/wildberries-rows.ts";

const read = (rest: Readonly<Record<string, unknown>> = {}) => readEvent("501", eventOf("c", 0, rest));
const messageOf = (rest: Readonly<Record<string, unknown>>) => {
  const { outcome } = read(rest);
  return "message" in outcome ? outcome.message : outcome;
};
const attached = (attachments: object, text?: string) => ({ message: { text, attachments } });
const image = { downloadID: "d-1", url: "https://example.test/1.jpg", date: "2023-11-14T22:13:20Z" };

test("A message is kept with all that is known of it, but for its replySign", () => {
  const { key, outcome } = read({
    isNewChat: true,
    replySign: "1:c:sign",
    ...attached({ images: [image] }, "Is it in stock?"),
  });
  expect(key).toBe(`501/1:c/${FIRST_MS}/ev-c-0`);
  expect(outcome).toEqual({
    message: {
      id: "ev-c-0",
      key,
      role: "user",
      content: "Is it in stock?",
      at: "2023-11-14T22:13:20.000Z",
      metadata: {
        sender: "client",
        eventType: "message",
        wbSource: "ios",
        isNewChat: true,
        clientName: "Buyer c",
        attachments: { images: [image] },
      },
    },
  });
});

test.each([
  ["client", "user"],
  ["seller", "assistant"],
  ["wb", "system"],
])("Sender %s becomes role %s", (sender, role) => {
  expect(messageOf({ sender })).toMatchObject({ role, metadata: { sender } });
});

test.each([
  ["its text as it stands", { message: { text: "  two\nlines " } }, "  two\nlines "],
  ["its text, not what is attached", attached({ images: [image] }, "look"), "look"],
  ["an image", attached({ images: [image] }), "[image]"],
  [
    "two images and a file",
    attached({ images: [image, image], files: [{ name: "bill.pdf" }] }, " "),
    "[image] [image] [file: bill.pdf]",
  ],
  ["a file without a name", attached({ files: [{ downloadID: "f" }] }), "[file]"],
  ["a product card", attached({ goodCard: { nmID: 1001 } }), "[product card 1001]"],
  ["a product card without a number", attached({ goodCard: { size: "M" } }), "[product card]"],
])("The content is that of %s", (_, rest, content) => {
  expect(messageOf(rest)).toMatchObject({ content });
});

test.each([
  ["no message", { message: undefined }, "noMessage"],
  ["a message that is null", { message: null }, "noMessage"],
  ["a message that holds nothing", { message: {} }, "noMessage"],
  ["a blank text", { message: { text: " \n" } }, "noMessage"],
  ["an unknown type", { eventType: "refund", message: { text: 5 } }, "unknownType"],
])("An event with %s is left out", (_, rest, skipped) => {
  expect(read(rest)).toMatchObject({ event: { chatID: "1:c" }, outcome: { skipped } });
});

describe("The time", () => {
  test.each([
    ["addTimestamp", { addTimestamp: FIRST_MS + 1, addTime: "2001-01-01T00:00:00Z" }, "2023-11-14T22:13:20.001Z"],
    ["addTimestamp as text", { addTimestamp: String(FIRST_MS) }, "2023-11-14T22:13:20.000Z"],
    [
      "addTime, where there is no other",
      { addTimestamp: undefined, addTime: "2023-11-14T22:13:21Z" },
      "2023-11-14T22:13:21.000Z",
    ],
    [
      "addTime with an offset",
      { addTimestamp: null, addTime: "2023-11-15T01:13:21+03:00" },
      "2023-11-14T22:13:21.000Z",
    ],
  ])("is %s", (_, rest, at) => {
    expect(messageOf(rest)).toMatchObject({ at });
  });

  test.each([
    ["seconds", { addTimestamp: 1_700_000_000 }],
    ["beyond the year 9999", { addTimestamp: 8.64e15 }],
    ["a date without an offset", { addTimestamp: null, addTime: "2023-11-14T22:13:21" }],
    ["a date in words", { addTimestamp: null, addTime: "14 November 2023" }],
    ["not there", { addTimestamp: null, addTime: null }],
  ])("that is %s is refused, and never now", (_, rest) => {
    expect(messageOf(rest)).toMatchObject({ refused: { code: "TIME" } });
  });
});

test.each([
  ["eventID", { eventID: null }, /^501\/1:c\/1700000000000\/md5:[0-9a-f]{32}$/],
  ["chatID", { chatID: 7 }, /^501\/\/1700000000000\/ev-c-0$/],
  ["eventType", { eventType: undefined }, /ev-c-0$/],
  ["message.text", { message: { text: { secret: "value" } } }, /ev-c-0$/],
  ["attachments", { message: { attachments: "value" } }, /ev-c-0$/],
])("An odd %s is refused by its name, without its value, under a key that finds it again", (field, rest, key) => {
  const reading = read(rest);
  const { outcome } = reading;
  const refused = "refused" in outcome ? outcome.refused : undefined;
  expect([reading.key, refused?.code]).toEqual([expect.stringMatching(key), "SCHEMA"]);
  expect(refused?.message).toContain(field.split(".").at(-1));
  expect(refused?.message).not.toContain("value");
});

test("What is no event at all is refused", () => {
  for (const item of [null, 5, "text", [], {}])
    expect(readEvent("501", item).outcome).toMatchObject({ refused: { code: "SCHEMA" } });
});

test("An id of any length makes a key that an index takes", () => {
  const { key } = read({ chatID: "c".repeat(10_000), eventID: "/".repeat(10_000) });
  expect(key).toMatch(/^501\/md5:[0-9a-f]{32}\/1700000000000\/md5:[0-9a-f]{32}$/);
  const { key: slashes } = read({ chatID: "/".repeat(300), eventID: "ж".repeat(150) });
  expect(namesIn(slashes)).toEqual(["501", "/".repeat(300), "1700000000000", "ж".repeat(150)]);
});
