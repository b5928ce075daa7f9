import { expect, test } from "@jest/globals";
import { compareIds } from "../../../../scripts/lib/sources/umnico/dialogs.ts";
import { readItems } from "../../../../scripts/lib/sources/umnico/items.ts";
import { turnsIn } from "../../../helpers/turns.ts";
import { keysOf } from "./windows.ts";

const ZONE = "Europe/Moscow";
const scraped = (more: object = {}) => ({
  index: 0,
  text: "Hello",
  time: "10:40",
  datetime: "25.11.2025 10:40",
  direction: "incoming",
  hasAttachments: false,
  ...more,
});
const raw = (more: object = {}) => ({
  messageId: 9001,
  incoming: true,
  datetime: 1764056407,
  message: { text: "Hello" },
  sender: { name: "Ira" },
  ...more,
});
const read = (...items: unknown[]) => readItems("501", items, ZONE);
const keysIn = async (...items: unknown[]) => keysOf("501", (await read(...items)).said).map(({ key }) => key);

test("a raw message has the key of the same one as the page shows it", async () => {
  expect((await read(raw())).said).toMatchObject([{ content: "Hello", sender: "Ira", umnicoId: "9001" }]);
  expect(await keysIn(raw())).toEqual(await keysIn(scraped()));
  expect(await keysIn(raw({ incoming: false, sender: { name: "Manager" } }))).toEqual(
    await keysIn(scraped({ direction: "outgoing" })),
  );
});

test("what we say ourselves names nobody", async () => {
  expect((await read(raw({ incoming: false }))).said).toMatchObject([{ sender: "" }]);
});

test.each([
  [{ ...scraped(), direction: "sideways" }, "direction"],
  [{ ...scraped(), text: ["Hello"] }, "text"],
  [{ ...raw(), incoming: "yes" }, "incoming"],
  [{ ...raw(), message: "Hello" }, "message"],
  [{ body: "Hello" }, "incoming"],
  [null, "the item"],
  ["Hello", "the item"],
  [[], "the item"],
])("an item of an unknown shape costs that item only, and names the field: %j", async (item, field) => {
  const { said, refused } = await read(scraped(), item);
  expect(said).toHaveLength(1);
  expect(refused).toEqual([
    {
      key: expect.stringMatching(/^501\/unread-[0-9a-f]{32}-0$/),
      code: "SHAPE",
      message: expect.stringContaining(`unknown shape: ${field}: `),
    },
  ]);
  expect(refused[0]?.message).not.toMatch(/Hello|sideways|yes/);
});

test("a message whose time can't be read is refused under a key that stays when the window shifts", async () => {
  const bad = scraped({ datetime: "yesterday" });
  const { said, refused } = await read(bad, scraped({ datetime: "" }), bad);
  expect(said).toEqual([]);
  expect(refused.map(({ code, message }) => [code, message])).toEqual([
    ["TIME", `a message whose time can't be read: "yesterday"`],
    ["TIME", `a message whose time can't be read: ""`],
    ["TIME", `a message whose time can't be read: "yesterday"`],
  ]);
  expect(new Set(refused.map(({ key }) => key)).size).toBe(3);
  expect((await read({ ...bad, index: 7 })).refused[0]?.key).toBe(refused[0]?.key);
});

test("a message that belongs to another dialog is refused", async () => {
  expect((await read(scraped({ conversationId: "502" }))).refused).toMatchObject([{ code: "OTHER_DIALOG" }]);
  expect((await read(scraped({ conversationId: 501 }))).said).toHaveLength(1);
});

test("messages are in the order of their times, those of a minute in the source's; newest first is turned round", async () => {
  const at = (text: string, minute: number) => scraped({ text, datetime: `25.11.2025 10:${minute}` });
  const texts = async (...items: unknown[]) => (await read(...items)).said.map(({ content }) => content);
  expect(await texts(at("b", 41), at("c", 41), at("a", 40), at("d", 42))).toEqual(["a", "b", "c", "d"]);
  expect(await texts(at("d", 42), at("c", 41), at("b", 41), at("a", 40))).toEqual(["a", "b", "c", "d"]);
});

test("10,000 messages are read in short stretches", async () => {
  const items = Array.from({ length: 10_000 }, (_, n) => scraped({ text: `text ${n}` }));
  expect(await turnsIn(() => read(...items))).toBeGreaterThan(3);
});

test("ids of dialogs have one order, numbers by their value", async () => {
  const ids = ["b", "10", "9", "a", "09", "", "1:x", "100000000000000000000", "99999999999999999999"];
  const sorted = ["09", "9", "10", "99999999999999999999", "100000000000000000000", "", "1:x", "a", "b"];
  expect(ids.toSorted(compareIds)).toEqual(sorted);
  for (const a of ids) for (const b of ids) expect(Math.sign(compareIds(a, b)) + Math.sign(compareIds(b, a))).toBe(0);
});
