/** A store's stream is walked to its end, and never round in a circle or past an event. */
import { afterEach, describe, expect, test } from "@jest/globals";
import { openApi } from "../../../../scripts/lib/http/api.ts";
import { eventPages } from "../../../../scripts/lib/sources/wildberries/stream.ts";
import { type StandIn, startStandIn } from "../../../helpers/stand-ins/stand-in.ts";
import { EVENTS_PATH, type Seller, startWildberries } from "../../../helpers/stand-ins/wildberries.ts";
import { eventOf, FIRST_MS, makeSeller } from "../../../helpers/stand-ins/wildberries-rows.ts";

const running: StandIn[] = [];
afterEach(() => Promise.all(running.splice(0).map((one) => one.close())));

interface Walked {
  readonly ids: unknown[];
  readonly pages: number;
  readonly how: string;
}

async function walk({ url }: StandIn, from?: string, mayAsk = () => true): Promise<Walked> {
  const signal = new AbortController().signal;
  const api = openApi({
    name: "W",
    baseUrl: url,
    headers: { authorization: "t" },
    options: {},
    signal,
    waits: () => undefined,
  });
  const stream = eventPages(api, { from, mayAsk, rest: async () => undefined });
  const ids: unknown[] = [];
  for (let pages = 0; ; pages++) {
    const { done, value } = await stream.next();
    if (done) return { ids, pages, how: value };
    ids.push(...value.events.map((event) => (event as { eventID: unknown }).eventID));
  }
}

async function serve(seller: Seller): Promise<StandIn> {
  const service = await startWildberries({ t: seller });
  running.push(service);
  return service;
}

/** Answers one after the other, and the last one for ever. */
async function answering(...results: object[]): Promise<StandIn> {
  const left = [...results];
  const service = await startStandIn(() => ({
    body: { result: left.length > 1 ? left.shift() : left[0], errors: null },
  }));
  running.push(service);
  return service;
}

const ids = ({ events }: Seller) => events.map((event) => event.eventID);
const page = (next: unknown, ...at: number[]) => ({
  next,
  totalEvents: at.length,
  events: at.map((n) => eventOf("c", n)),
});
const EMPTY = { totalEvents: 0, events: [] };

describe("A stream of thousands", () => {
  test.each(["empty", "null", "bare", "dated"] as const)("ends with a last page that is %s", async (lastPage) => {
    const seller = makeSeller(10, 2_000, { pageSize: 70, lastPage });
    const service = await serve(seller);
    expect(await walk(service)).toEqual({ ids: ids(seller), pages: 29, how: "end" });
    const sent = service.asked.map(({ query }) => query.get("next"));
    expect([sent[0], sent[1], sent.length]).toEqual([null, String(FIRST_MS + 70), 30]);
    expect(sent).not.toContain("0");
  });

  test.each([1, 2, 69, 70, 71, 2_000])("of %d events whose borders come twice ends, and holds each", async (count) => {
    const seller = makeSeller(10, count, { pageSize: 70, inclusive: true });
    const { ids: found, how } = await walk(await serve(seller));
    expect([...new Set(found)]).toEqual(ids(seller));
    expect(how).toBe("end");
  });

  test("goes on from where it was left, on both kinds of border", async () => {
    for (const inclusive of [false, true]) {
      const seller = makeSeller(10, 500, { inclusive });
      const { ids: found } = await walk(await serve(seller), String(FIRST_MS + 300));
      expect([...new Set(found)]).toEqual(ids(seller).slice(inclusive ? 299 : 300));
    }
  });

  test("stops where no more may be asked", async () => {
    let left = 3;
    expect(await walk(await serve(makeSeller(10, 2_000)), undefined, () => left-- > 0)).toMatchObject({
      pages: 3,
      how: "stopped",
    });
  });
});

const T = FIRST_MS;
const crowd = (count: number) => ({
  next: T + 5,
  totalEvents: count,
  events: Array.from({ length: count }, (_, n) => eventOf("c", 5, { eventID: `e${n}` })),
});

test.each([
  ["a page that comes twice", [page(T + 2, 1, 2)], "REPEATED"],
  ["a page that comes twice with a next that advances", [page(T + 2, 1, 2), page(T + 9, 1, 2)], "REPEATED"],
  ["a next that stays, with new events", [page(T + 2, 1, 2), page(T + 2, 3, 4)], "NEXT"],
  ["a next that goes back", [page(T + 2, 1, 2), page(T + 1, 3)], "NEXT"],
  ["a next of 0", [page(0, 1)], "NEXT"],
  ["no next", [page(undefined, 1)], "NEXT"],
  [
    "events that are announced and don't come",
    [page(T + 2, 1, 2), { next: T + 2, totalEvents: 7, events: [] }],
    "NEXT",
  ],
  [
    "a page that was cut within one millisecond",
    [page(T + 5, ...Array.from({ length: 20 }, (_, n) => n - 14)), crowd(20)],
    "NEXT",
  ],
  ["a hundred events of one millisecond", [crowd(100)], "NEXT"],
])("It is an error that there is %s", async (_, results, code) => {
  await expect(walk(await answering(...results))).rejects.toMatchObject({ name: "StoreFailed", code });
});

test("A page without events that moves on is no end", async () => {
  const service = await answering(
    page(T + 2, 1, 2),
    { next: T + 8, totalEvents: 3, events: null },
    page(T + 9, 9),
    EMPTY,
  );
  expect(await walk(service)).toMatchObject({ ids: ["ev-c-1", "ev-c-2", "ev-c-9"], how: "end" });
  expect(service.asked.at(-1)?.path).toBe(EVENTS_PATH);
});

test("Errors beside the result are an error", async () => {
  const service = await startStandIn(() => ({ body: { result: EMPTY, errors: ["no"] } }));
  running.push(service);
  await expect(walk(service)).rejects.toMatchObject({ code: "ERRORS" });
});

test("Events without an id are not taken for the same ones", async () => {
  const nameless = (n: number) => ({ next: FIRST_MS + n, totalEvents: 1, events: [{ addTimestamp: FIRST_MS + n }] });
  const service = await answering(nameless(1), nameless(2), { ...EMPTY, next: FIRST_MS + 2 });
  expect(await walk(service)).toMatchObject({ pages: 2, how: "end" });
});
