import { expect, test } from "@jest/globals";
import { Pool } from "../../../scripts/lib/engine/pool.ts";

const part = (partition: string, done = false) => ({ partition, after: null, until: null, done });
const nameOf = async (taken: ReturnType<Pool["take"]>) => (await taken)?.partition;

test("parts that are done are not given out, the others one by one", async () => {
  const pool = new Pool([part("1", true), part("2"), part("3")]);
  expect([await nameOf(pool.take()), await nameOf(pool.take())]).toEqual(["2", "3"]);
});

test("a worker without a part waits while another may still share, and gets what that one cuts off", async () => {
  const pool = new Pool([part("1")]);
  await pool.take();
  const waiting = pool.take();
  expect(pool.idle).toBe(1);
  pool.add([part("2"), part("3")]);
  expect(await nameOf(waiting)).toBe("2");
  expect(pool.idle).toBe(0);
  expect(await nameOf(pool.take())).toBe("3");
});

test("those that wait are sent home when the last worker is done, and nobody waits after that", async () => {
  const pool = new Pool([part("1"), part("2")]);
  await pool.take();
  await pool.take();
  const waiting = pool.take();
  pool.release();
  expect(pool.idle).toBe(1);
  pool.release();
  expect(await waiting).toBeUndefined();
  expect(await pool.take()).toBeUndefined();
});

test("a pool that is closed gives out nothing more, also what is added later", async () => {
  const pool = new Pool([part("1"), part("2")]);
  await pool.take();
  pool.close();
  pool.add([part("3")]);
  expect(await pool.take()).toBeUndefined();
});

test("a pool without parts sends everybody home", async () => {
  expect(await new Pool([]).take()).toBeUndefined();
});
