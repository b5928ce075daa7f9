import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "@jest/globals";
import { type Replica, watchLag } from "../../../scripts/lib/health/lag.ts";

const replica = (written: number, replayed: number, lagMs: number | null = null, pid = 1): Replica => ({
  pid,
  name: "replica1",
  hidden: false,
  written,
  replayed,
  lagMs,
});

test("the server's measure counts at the first look", () => {
  expect(watchLag()(replica(200, 100, 7_000))).toBe(7_000);
  expect(watchLag()(replica(200, 100))).toBe(0);
  expect(watchLag()(replica(200, 200, 7_000))).toBe(0);
});

test("a replica that has not reached what was written at a former look is behind by the time since", async () => {
  const lagOf = watchLag();
  lagOf(replica(200, 100));
  await sleep(120);
  expect(lagOf(replica(900, 199, 5))).toBeGreaterThan(100);
  expect(lagOf(replica(900, 199, 5))).toBeLessThan(1_000);
  expect(lagOf(replica(900, 199, 9_000))).toBe(9_000);
});

test("one that has reached it is not, though more was written since", async () => {
  const lagOf = watchLag();
  lagOf(replica(200, 100));
  await sleep(120);
  expect(lagOf(replica(900, 200))).toBe(0);
  await sleep(120);
  expect(lagOf(replica(1_500, 300))).toBeGreaterThan(100);
  expect(lagOf(replica(1_500, 1_500))).toBe(0);
  expect(lagOf(replica(1_600, 1_500))).toBe(0);
});

test("replicas are told apart by their connection", async () => {
  const lagOf = watchLag();
  lagOf(replica(200, 100, null, 1));
  await sleep(120);
  expect(lagOf(replica(200, 100, null, 2))).toBe(0);
  expect(lagOf(replica(200, 100, null, 1))).toBeGreaterThan(100);
});
