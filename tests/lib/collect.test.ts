import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "@jest/globals";
import { collect } from "../../scripts/lib/collect.ts";
import type { Ended } from "../../scripts/lib/task.ts";
import type { Fetched, ThreadPage } from "../../scripts/lib/thread.ts";

const START = { after: "" };

/** One conversation with so many messages. */
const part = (id: string, messages: number): Fetched => ({
  cursor: { after: id },
  thread: {
    id,
    key: id,
    channel: "other",
    coverage: { kind: "complete" },
    messages: Array.from({ length: messages }, (_, index) => ({
      id: `${index}`,
      key: `${id}/${index}`,
      role: "user",
      content: "Hello",
      at: "2025-01-01T00:00:00Z",
    })),
  },
});

async function* sourceOf(parts: readonly (Fetched | number)[], ended: Ended = "end"): AsyncGenerator<Fetched, Ended> {
  for (const one of parts) {
    if (typeof one === "number") await sleep(one);
    else yield one;
  }
  return ended;
}

const pagesOf = (source: AsyncGenerator<Fetched, Ended>, items = 10) =>
  collect(source, { demand: { items }, start: START, usage: () => ({ requests: 1 }) });

async function drain(pages: AsyncGenerator<ThreadPage, Ended>) {
  const seen: ThreadPage[] = [];
  for (;;) {
    const { done, value } = await pages.next();
    if (done) return { pages: seen, ended: value };
    seen.push(value);
  }
}

test("A page holds what fits, begins where the one before ended, and the last one carries what was counted since", async () => {
  const { pages, ended } = await drain(pagesOf(sourceOf([part("a", 6), part("b", 6), part("c", 3)])));
  expect(pages.map(({ start, cursor, size, counters }) => ({ start, cursor, size, counters }))).toEqual([
    { start: START, cursor: { after: "b" }, size: 12, counters: { requests: 1 } },
    { start: { after: "b" }, cursor: { after: "c" }, size: 3, counters: { requests: 1 } },
  ]);
  expect(ended).toBe("end");
});

test("A source without anything yields one empty page that stands where it began", async () => {
  const { pages, ended } = await drain(pagesOf(sourceOf([], "limit")));
  expect(pages).toMatchObject([{ start: START, cursor: START, size: 0, parts: [] }]);
  expect(ended).toBe("limit");
});

test("What was fetched is not kept back while the source takes its time", async () => {
  const pages = pagesOf(sourceOf([part("a", 1), 2_000, part("b", 1)]));
  const startedAt = performance.now();
  expect((await pages.next()).value).toMatchObject({ cursor: { after: "a" }, key: "a/0", size: 1 });
  expect(performance.now() - startedAt).toBeLessThan(1_500);
  expect((await pages.next()).value).toMatchObject({ cursor: { after: "b" } });
});

test("The next step is fetched while a page is stored", async () => {
  const pages = pagesOf(sourceOf([part("a", 10), 300, part("b", 10)]));
  await pages.next();
  await sleep(400); // the page is being stored
  const startedAt = performance.now();
  await pages.next();
  expect(performance.now() - startedAt).toBeLessThan(200);
  await drain(pages);
});

test("What came before a failure is handed out first", async () => {
  async function* failing(): AsyncGenerator<Fetched, Ended> {
    yield part("a", 1);
    throw new Error("The service is gone.");
  }
  const pages = pagesOf(failing());
  expect((await pages.next()).value).toMatchObject({ cursor: { after: "a" } });
  await expect(pages.next()).rejects.toThrow("The service is gone.");
});

test("What was counted before a failure is handed out, too", async () => {
  // biome-ignore lint/correctness/useYield: it fails before it has anything.
  async function* failing(): AsyncGenerator<Fetched, Ended> {
    throw new Error("The service is gone.");
  }
  const pages = pagesOf(failing());
  expect((await pages.next()).value).toMatchObject({ size: 0, cursor: START, counters: { requests: 1 } });
  await expect(pages.next()).rejects.toThrow("The service is gone.");
});

test("A source that is given up is told", async () => {
  let closed = false;
  async function* endless(): AsyncGenerator<Fetched, Ended> {
    try {
      for (;;) yield part("a", 10);
    } finally {
      closed = true;
    }
  }
  const pages = pagesOf(endless());
  await pages.next();
  await pages.return("end");
  await sleep(10);
  expect(closed).toBe(true);
});
