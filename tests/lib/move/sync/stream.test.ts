import { expect, test } from "@jest/globals";
import { streamOf } from "../../../../scripts/lib/move/sync/stream.ts";

/** Counts up to a number, and says what it does. */
const counting = (to: number, said: string[]) => async (give: (item: number) => Promise<void>) => {
  said.push("open");
  try {
    for (let i = 1; i <= to; i++) {
      await give(i);
      said.push(`${i} taken`);
    }
  } finally {
    said.push("closed");
  }
};

test("Everything that is given is read, in its order", async () => {
  const said: string[] = [];
  const read: number[] = [];
  for await (const item of streamOf(counting(3, said))) read.push(item);
  expect(read).toEqual([1, 2, 3]);
  expect(said).toEqual(["open", "1 taken", "2 taken", "3 taken", "closed"]);
});

test("Work whose reader goes away is closed before the reader goes on", async () => {
  const said: string[] = [];
  for await (const item of streamOf(counting(3, said))) if (item === 2) break;
  expect(said).toEqual(["open", "1 taken", "closed"]);
});

test("Work that fails fails its reader, after what it has given", async () => {
  const read: number[] = [];
  const failing = streamOf<number>(async (give) => {
    await give(1);
    throw new Error("Lost");
  });
  await expect(
    (async () => {
      for await (const item of failing) read.push(item);
    })(),
  ).rejects.toThrow("Lost");
  expect(read).toEqual([1]);
});

test("Work that has nothing to give ends its reader", async () => {
  expect(await streamOf(async () => undefined).next()).toEqual({ done: true, value: undefined });
});
