import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { exclusively, hasUsers, register } from "../../../scripts/lib/embedded/file-lock.ts";

let folder: string;
let file: string;
const ignore = () => undefined;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "file-lock-"));
  file = join(folder, "lock");
});
afterEach(() => rm(folder, { recursive: true }));

test("two at once work one after the other", async () => {
  const steps: string[] = [];
  const work = (name: string) => async () => {
    steps.push(`${name} begins`);
    await sleep(50);
    steps.push(`${name} ends`);
  };
  await Promise.all([exclusively(file, ignore, work("a")), exclusively(file, ignore, work("b"))]);
  const [first] = steps[0] ?? "";
  const second = first === "a" ? "b" : "a";
  expect(steps).toEqual([`${first} begins`, `${first} ends`, `${second} begins`, `${second} ends`]);
});

test("work that fails gives the lock back, and its error", async () => {
  const failing = exclusively(file, ignore, () => Promise.reject(new Error("no space")));
  await expect(failing).rejects.toThrow("no space");
  await expect(exclusively(file, ignore, async () => 1)).resolves.toBe(1);
});

test("users are there until the last of them is gone", async () => {
  expect(await hasUsers(file)).toBe(false);
  const [leaveFirst, leaveSecond] = [await register(file), await register(file)];
  await leaveFirst();
  expect(await hasUsers(file)).toBe(true);
  await leaveSecond();
  expect(await hasUsers(file)).toBe(false);
});
