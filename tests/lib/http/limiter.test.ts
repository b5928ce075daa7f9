import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "@jest/globals";
import { Limiter, type Pace } from "../../../scripts/lib/http/limiter.ts";

function limit(pace: Pace) {
  const stop = new AbortController();
  const said: string[] = [];
  const limiter = new Limiter(pace, { signal: stop.signal, waits: (reason) => said.push(reason ?? "") });
  return { limiter, said, stop };
}

/** Runs so many pieces of work at once; returns when each started, in milliseconds since the first did, and how many ran at most. */
async function startsOf(limiter: Limiter, count: number, workMs = 0) {
  const starts: number[] = [];
  let running = 0;
  let most = 0;
  const work = async () => {
    starts.push(performance.now());
    most = Math.max(most, ++running);
    if (workMs > 0) await sleep(workMs);
    running -= 1;
  };
  await Promise.all(Array.from({ length: count }, () => limiter.run(work)));
  const [first = 0] = starts;
  return { starts: starts.map((start) => start - first), most };
}

const gaps = (starts: readonly number[]) => starts.slice(1).map((start, index) => start - (starts[index] ?? 0));

test("Requests are spaced from start to start, whether the work is quick or slow", async () => {
  const quick = await startsOf(limit({ everyMs: 40 }).limiter, 10);
  expect(Math.min(...gaps(quick.starts))).toBeGreaterThanOrEqual(34);
  const slow = await startsOf(limit({ everyMs: 40 }).limiter, 10, 30);
  expect(slow.starts.at(-1)).toBeLessThan(9 * 40 * 1.2);
});

test("Time that nobody asked in is not made good by a burst", async () => {
  const { limiter } = limit({ everyMs: 30 });
  await startsOf(limiter, 1);
  await sleep(200);
  const { starts } = await startsOf(limiter, 4);
  expect(Math.min(...gaps(starts))).toBeGreaterThanOrEqual(24);
});

test("A hundred requests take hardly longer than the pace demands", async () => {
  const takenBy = async () => {
    const { starts } = await startsOf(limit({ everyMs: 20 }).limiter, 100);
    return starts.at(-1) ?? 0;
  };
  // Whatever else runs on the machine may hold one of them up.
  const best = Math.min(await takenBy(), await takenBy(), await takenBy());
  expect(best).toBeGreaterThan(99 * 20 * 0.99);
  expect(best).toBeLessThanOrEqual(99 * 20 * 1.05);
});

test("In no stretch of a burst's length start more than it allows", async () => {
  const { starts } = await startsOf(limit({ burst: { requests: 5, perMs: 200 }, concurrency: 3 }).limiter, 18);
  for (const [index, start] of starts.entries())
    if (index >= 5) expect(start - (starts[index - 5] ?? 0)).toBeGreaterThanOrEqual(197);
  expect(starts[4]).toBeLessThan(190);
  expect(starts.at(-1)).toBeLessThan(1_500);
});

test("One at a time is the rule, more only where it is said", async () => {
  expect(await startsOf(limit({}).limiter, 6, 10)).toMatchObject({ most: 1 });
  expect(await startsOf(limit({ concurrency: 3 }).limiter, 9, 30)).toMatchObject({ most: 3 });
});

test("A hold keeps all requests back, is announced, and is counted", async () => {
  const { limiter, said } = limit({ concurrency: 4 });
  await startsOf(limiter, 1);
  limiter.hold(1_100, "Echo asks to wait 1 s");
  const since = performance.now();
  await startsOf(limiter, 4);
  expect(performance.now() - since).toBeGreaterThanOrEqual(1_095);
  expect(said).toEqual(["Echo asks to wait 1 s", ""]);
  expect(limiter.takeWaitedSeconds()).toBe(1);
  expect(limiter.takeWaitedSeconds()).toBe(0);
});

test("A hold that begins while a request waits for its turn keeps that one back, too", async () => {
  const { limiter } = limit({ everyMs: 100 });
  await startsOf(limiter, 1);
  const since = performance.now();
  const waiting = startsOf(limiter, 1);
  await sleep(20);
  limiter.hold(300, "wait");
  await waiting;
  expect(performance.now() - since).toBeGreaterThanOrEqual(315);
});

test("A shorter hold does not end a longer one", async () => {
  const { limiter } = limit({});
  limiter.hold(200, "long");
  limiter.hold(10, "short");
  const since = performance.now();
  await startsOf(limiter, 1);
  expect(performance.now() - since).toBeGreaterThanOrEqual(195);
});

test("Ordinary spacing is neither announced nor counted", async () => {
  const { limiter, said } = limit({ everyMs: 300 });
  await startsOf(limiter, 5);
  expect(said).toEqual([]);
  expect(limiter.takeWaitedSeconds()).toBe(0);
});

test("What is tried again goes before what has not been tried", async () => {
  const { limiter } = limit({});
  const order: string[] = [];
  const note = (name: string) => async () => {
    order.push(name);
  };
  await Promise.all([
    limiter.run(note("first")),
    limiter.run(note("new")),
    limiter.run(note("again"), { again: true }),
  ]);
  expect(order).toEqual(["first", "again", "new"]);
});

test.each<[what: string, pace: Pace, holdMs: number]>([
  ["spacing", { everyMs: 60_000 }, 0],
  ["a burst", { burst: { requests: 1, perMs: 60_000 } }, 0],
  ["a hold", {}, 60_000],
])("An abort ends a wait for %s at once, with the signal's reason", async (_, pace, holdMs) => {
  const { limiter, stop, said } = limit(pace);
  await startsOf(limiter, 1);
  if (holdMs > 0) limiter.hold(holdMs, "long");
  const waiting = [limiter.run(async () => 1), limiter.run(async () => 2)];
  const reason = new Error("stop");
  setTimeout(() => stop.abort(reason), 30);
  const since = performance.now();
  const ended = await Promise.allSettled(waiting);
  expect(ended).toEqual([
    { status: "rejected", reason },
    { status: "rejected", reason },
  ]);
  expect(performance.now() - since).toBeLessThan(1_000);
  if (holdMs > 0) expect(said.at(-1)).toBe("");
});
