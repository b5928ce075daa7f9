/** Lanes run side by side. */
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "@jest/globals";
import { merge } from "../../../../scripts/lib/sources/wildberries/lanes.ts";

async function* lane(name: string, count: number, everyMs: number, log: string[] = []): AsyncGenerator<string, void> {
  try {
    for (let n = 1; n <= count; n++) {
      await sleep(everyMs);
      log.push(`${name}${n}`);
      yield `${name}${n}`;
    }
  } finally {
    log.push(`${name} closed`);
  }
}

const all = async (lanes: AsyncGenerator<string, void>[]): Promise<string[]> => {
  const found: string[] = [];
  for await (const one of merge(lanes)) found.push(one);
  return found;
};

test("Each value comes once, each lane's in its order, and a slow lane holds nobody up", async () => {
  const found = await all([lane("slow", 2, 200), lane("quick", 10, 2)]);
  expect(found.filter((one) => one.startsWith("quick"))).toEqual(Array.from({ length: 10 }, (_, n) => `quick${n + 1}`));
  expect(found.slice(-2)).toEqual(["slow1", "slow2"]);
  expect(await all([])).toEqual([]);
});

test("A lane is never more than one value ahead", async () => {
  const log: string[] = [];
  const merged = merge([lane("a", 10, 0, log)]);
  await merged.next();
  await sleep(50);
  expect(log).toEqual(["a1", "a2"]);
  await merged.return();
});

test("The first error ends all, and each is closed", async () => {
  const log: string[] = [];
  async function* broken(): AsyncGenerator<string, void> {
    yield "whole";
    await sleep(20);
    throw new Error("broken");
  }
  await expect(all([lane("a", 100, 5, log), broken()])).rejects.toThrow("broken");
  await sleep(50);
  expect(log.at(-1)).toBe("a closed");
});
