/** Items in quarantine are found again by their keys. */
import { afterEach, expect, test } from "@jest/globals";
import { openApi } from "../../../../scripts/lib/http/api.ts";
import { namedItems, wantedOf } from "../../../../scripts/lib/sources/wildberries/named.ts";
import type { ThreadPage } from "../../../../scripts/lib/thread.ts";
import {
  EVENTS_PATH,
  type Seller,
  startWildberries,
  type Wildberries,
} from "../../../helpers/stand-ins/wildberries.ts";
import { chatOf, eventOf, FIRST_MS } from "../../../helpers/stand-ins/wildberries-rows.ts";

let service: Wildberries;
afterEach(() => service.close());

async function find(seller: Seller, keys: readonly string[]): Promise<ThreadPage[]> {
  service = await startWildberries({ t: seller });
  const signal = new AbortController().signal;
  const api = openApi({
    name: "W",
    baseUrl: service.url,
    headers: { authorization: "t" },
    options: {},
    signal,
    waits: () => undefined,
  });
  const pages: ThreadPage[] = [];
  for (const wanted of wantedOf(keys, ["501"]).wanted)
    for await (const page of namedItems(api, wanted, async () => undefined)) pages.push(page);
  return pages;
}

const keysIn = (pages: readonly ThreadPage[]) =>
  pages.map(({ key, settles = [], refused = [] }) => key ?? settles[0] ?? refused[0]?.key);
const nextOnes = () => service.of(EVENTS_PATH).map(({ query }) => query.get("next"));
const crowd = (count: number) => Array.from({ length: count }, (_, n) => eventOf("c", 5, { eventID: `e${n}` }));

test("Many of one page cost one request, and one that is gone yields nothing", async () => {
  const events = Array.from({ length: 50 }, (_, n) => eventOf("c", n));
  const keys = [3, 9, 30, 90].map((n) => `501/1:c/${FIRST_MS + n}/ev-c-${n}`);
  expect(keysIn(await find({ chats: [], events }, keys))).toEqual(keys.slice(0, 3));
  expect(nextOnes()).toEqual([String(FIRST_MS + 2), String(FIRST_MS + 89)]);
});

test("One among many of the same millisecond is looked for on the pages that follow, where the service shows them", async () => {
  const key = `501/1:c/${FIRST_MS + 5}/e14`;
  const seller = { chats: [], events: [eventOf("c", 1), ...crowd(15), eventOf("c", 9)], pageSize: 17, inclusive: true };
  expect(keysIn(await find(seller, [key]))).toEqual([key]);
  await service.close();
  await expect(find({ ...seller, pageSize: 12 }, [key])).rejects.toMatchObject({ code: "NEXT" });
});

test("An event without a time, and a chat with all its messages, are looked for in the whole stream", async () => {
  const timeless = eventOf("c", 7, { addTimestamp: FIRST_MS + 7.5, addTime: "?" });
  const seller = {
    chats: [chatOf("a"), chatOf("b")],
    events: [eventOf("a", 1), timeless, eventOf("b", 8), eventOf("a", 9)],
    pageSize: 3,
  };
  const pages = await find(seller, ["501/1:a", "501/1:c//ev-c-7", "501/1:gone"]);
  expect(keysIn(pages)).toEqual(["501/1:c//ev-c-7", "501/1:a"]);
  expect(pages[1]?.parts[0]?.thread).toMatchObject({
    metadata: { clientName: "Buyer a", goodCard: {} },
    messages: [{ id: "ev-a-1" }, { id: "ev-a-9" }],
  });
  expect(pages[1]?.settles).toEqual(["501/1:a"]);
});

test("Keys go to the stores whose ids they begin with; others are strange", async () => {
  service = await startWildberries();
  const keys = ["a/1:x", "a/b/1:x", "a%2Fb/1:x/5/e", "a/1:x/5/e", "z/1:x", "ab/1:x"];
  const { wanted, strange } = wantedOf(keys, ["a", "a/b"]);
  expect(strange).toEqual(["z/1:x", "ab/1:x"]);
  expect(
    wanted.map(({ store, chats, events }) => [store, [...chats], [...events.values()].flatMap((set) => [...set])]),
  ).toEqual([
    ["a", ["a/1:x"], ["a/1:x/5/e"]],
    ["a/b", ["a/b/1:x"], ["a%2Fb/1:x/5/e"]],
  ]);
});
