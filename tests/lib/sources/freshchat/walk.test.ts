import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { openApi } from "../../../../scripts/lib/http/api.ts";
import { ItemRefused } from "../../../../scripts/lib/http/errors.ts";
import { FIRST, type Position, RepeatedPage, type Step, Walk } from "../../../../scripts/lib/sources/freshchat/walk.ts";
import {
  type Freshchat,
  message,
  messages,
  startFreshchat,
  TOKEN,
  type Variant,
} from "../../../helpers/stand-ins/freshchat.ts";

let freshchat: Freshchat;

beforeEach(async () => {
  freshchat = await startFreshchat();
});

afterEach(() => freshchat.close());

const api = () =>
  openApi({
    name: "Freshchat",
    baseUrl: freshchat.url,
    headers: { authorization: `Bearer ${TOKEN}` },
    options: {},
    signal: new AbortController().signal,
    waits: () => undefined,
  });

/** All steps from a position on. */
async function walk(conversation: string, from: Position = FIRST): Promise<Step[]> {
  const steps: Step[] = [];
  const walked = new Walk(api(), conversation);
  for (let position: Position | undefined = from; position !== undefined; position = steps.at(-1)?.next)
    steps.push(await walked.step(position));
  return steps;
}

const namesOf = (steps: readonly Step[]) => steps.flatMap(({ items }) => items.map(({ name }) => name));
const namesOfAll = () => [...freshchat.conversations.values()].flat().map(({ id }) => String(id));

/** An answer for the n-th request, counted from 1. */
function answer(number: number, body: unknown): void {
  freshchat.faults.push({ when: () => freshchat.asked.length === number, answer: { body } });
}

const VARIANTS: readonly Variant[] = [
  { paging: "link" },
  { paging: "link", absolute: true },
  { paging: "link", border: "inclusive" },
  { paging: "link", shuffled: true, border: "inclusive" },
  { paging: "link", mostOnPage: 7 },
  { paging: "numbers" },
  { paging: "numbers", shuffled: true },
  { paging: "numbers", mostOnPage: 7 },
];

describe("The pages of a conversation", () => {
  test.each(VARIANTS)("give every message once: %j", async (variant) => {
    freshchat.variant = variant;
    freshchat.conversations.set("c1", messages("c1", 333));
    const names = namesOf(await walk("c1"));
    expect(names.toSorted()).toEqual(namesOfAll().toSorted());
    expect(new Set(names).size).toBe(333);
  });

  test("are asked for 50 messages at a time, then by the link, word by word", async () => {
    freshchat.conversations.set("c1", messages("c1", 60));
    const [first] = await walk("c1");
    expect(first?.next?.href).toMatch(/^\/v2\/conversations\/c1\/messages\?page=1&items_per_page=50&from_time=2024-/);
    expect(freshchat.asked.map(({ query }) => Object.fromEntries(query))).toEqual([
      { page: "1", items_per_page: "50" },
      { page: "1", items_per_page: "50", from_time: "2024-01-05T10:11:00.000Z" },
    ]);
  });

  test("do not end where one is shorter than 50, nor after 200", async () => {
    freshchat.variant = { mostOnPage: 3 };
    freshchat.conversations.set("c1", messages("c1", 750));
    expect(await walk("c1")).toHaveLength(250);
  });

  test.each([{ paging: "link" as const }, { paging: "numbers" as const }])(
    "can be walked from the middle: %j",
    async (variant) => {
      freshchat.variant = variant;
      freshchat.conversations.set("c1", messages("c1", 120));
      const steps = await walk("c1");
      expect(namesOf(await walk("c1", steps[0]?.next))).toEqual(namesOf(steps.slice(1)));
    },
  );

  test("of many messages at one time are told apart by their ids", async () => {
    freshchat.variant = { border: "inclusive" };
    const same = { created_time: "2024-01-05T12:00:00.000Z" };
    const all = Array.from({ length: 130 }, (_, index) => message("c1", index, index > 40 && index < 80 ? same : {}));
    freshchat.conversations.set(
      "c1",
      all.toSorted((a, b) => String(a.created_time).localeCompare(String(b.created_time))),
    );
    const names = namesOf(await walk("c1"));
    expect(names.toSorted()).toEqual(namesOfAll().toSorted());
  });

  test("end where the last one only repeats the border", async () => {
    freshchat.conversations.set("c1", messages("c1", 50));
    const all = messages("c1", 50).toReversed();
    answer(1, { messages: all, link: { href: "/v2/conversations/c1/messages?from_time=2024-01-05T10:01:00.000Z" } });
    answer(2, { messages: all.slice(-1) });
    const steps = await walk("c1");
    expect(steps.map(({ items, partial }) => [items.length, partial])).toEqual([
      [50, undefined],
      [0, undefined],
    ]);
  });

  test("that are empty from the beginning are whole", async () => {
    freshchat.conversations.set("c1", []);
    expect(await walk("c1")).toEqual([{ items: [] }]);
  });

  test.each([
    { what: "a link", more: { link: { href: "/v2/conversations/c1/messages?from_time=2023-01-01T00:00:00.000Z" } } },
    { what: "further numbers", more: { pagination: { total_pages: 3 } } },
  ])("of which one in the middle is empty, with $what, are not whole", async ({ more }) => {
    freshchat.conversations.set("c1", messages("c1", 120));
    answer(1, { messages: [], ...more });
    expect(await walk("c1")).toEqual([{ items: [], partial: "an empty page in the middle" }]);
  });

  test("are not whole where the last one counts further ones", async () => {
    freshchat.conversations.set("c1", messages("c1", 120));
    answer(2, { messages: messages("c1", 5), pagination: { total_pages: 3 } });
    expect((await walk("c1")).at(-1)?.partial).toBe("no link behind page 1 of 3");
  });

  test.each([null, {}, { href: null }, { href: "" }])("end with a link of %j", async (link) => {
    freshchat.conversations.set("c1", []);
    answer(1, { messages: messages("c1", 2), link, unknown: true });
    expect(await walk("c1")).toHaveLength(1);
  });
});

describe("A page that comes again is an error, never a quiet end", () => {
  const href = (time: string) => `/v2/conversations/c1/messages?page=1&items_per_page=50&from_time=${time}`;
  const page = (from: number) => messages("c1", 200).slice(from, from + 50);

  test("where the link leads to where one is", async () => {
    freshchat.conversations.set("c1", messages("c1", 120));
    answer(2, { messages: page(20), link: { href: href("2024-01-05T11:11:00.000Z") } });
    await expect(walk("c1")).rejects.toThrow(RepeatedPage);
  });

  test("where the link leads to where one was", async () => {
    freshchat.conversations.set("c1", messages("c1", 120));
    answer(1, { messages: page(150), link: { href: href("A") } });
    answer(2, { messages: page(100), link: { href: href("B") } });
    answer(3, { messages: page(50), link: { href: href("A") } });
    await expect(walk("c1")).rejects.toThrow("the service gave the same link twice");
  });

  test("where every message was on the page before, under another link", async () => {
    freshchat.conversations.set("c1", messages("c1", 120));
    answer(1, { messages: page(50), link: { href: href("A") } });
    answer(2, { messages: page(50), link: { href: href("B") } });
    await expect(walk("c1")).rejects.toThrow("the service gave the same page twice");
  });

  test("also as the last page", async () => {
    freshchat.conversations.set("c1", messages("c1", 120));
    answer(1, { messages: page(50), link: { href: href("A") } });
    answer(2, { messages: page(50) });
    await expect(walk("c1")).rejects.toThrow(RepeatedPage);
  });

  test("where page numbers are not heard", async () => {
    freshchat.variant = { paging: "numbers" };
    freshchat.conversations.set("c1", messages("c1", 120));
    answer(2, { messages: page(70), pagination: { total_pages: 3 } });
    await expect(walk("c1")).rejects.toThrow(RepeatedPage);
  });
});

test("A link to another origin is refused, and nothing is sent there", async () => {
  const other = await startFreshchat();
  freshchat.conversations.set("c1", []);
  answer(1, { messages: messages("c1", 2), link: { href: `${other.url}/v2/conversations/c1/messages` } });
  await expect(walk("c1")).rejects.toThrow(/another origin/);
  expect(other.asked).toEqual([]);
  await other.close();
});

test("A conversation's id is put into the address as it must be", async () => {
  freshchat.conversations.set("a b?c", messages("x", 3));
  expect(namesOf(await walk("a b?c"))).toHaveLength(3);
});

test.each([{ messages: 7 }, {}, [], { messages: [], link: 7 }])(
  "An answer of the shape %j is refused",
  async (body) => {
    answer(1, body);
    await expect(walk("c1")).rejects.toThrow(ItemRefused);
  },
);
