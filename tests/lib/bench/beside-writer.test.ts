import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "@jest/globals";
import pg from "pg";
import { measureBesideWriter } from "../../../scripts/lib/bench/beside-writer.ts";
import { addLead } from "../../helpers/crm.ts";
import { useDatabase } from "../../helpers/database.ts";

const IDLE_MS = 500;
const STALL_MS = 600;
const INTERVAL_MS = 20;

const db = useDatabase();

test("A stall of the live writer is felt by every write that was planned meanwhile, not by one alone", async () => {
  await addLead(db);
  const client = new pg.Client(db.url);
  await client.connect();
  const stall = async () => {
    await client.query('begin; lock table "Audit" in exclusive mode');
    await sleep(STALL_MS);
    await client.query("commit");
    return { ms: STALL_MS };
  };
  const { ms, idle, busy } = await measureBesideWriter("a stall", db.url, IDLE_MS, stall);
  await client.end();

  expect(ms).toBe(STALL_MS);
  const steady = IDLE_MS / INTERVAL_MS;
  expect(idle.count).toBeGreaterThan(steady * 0.7);
  expect(idle.count).toBeLessThan(steady * 2);
  expect(busy.max).toBeGreaterThan(STALL_MS * 0.8);
  // The waits go down by an interval from write to write: half of them are longer than nearly half of the stall.
  expect(busy.p50).toBeGreaterThan(STALL_MS * 0.35);
  expect(busy.count).toBeGreaterThanOrEqual(Math.floor((STALL_MS / INTERVAL_MS) * 0.7));
});

test("A live writer that ends fails the measurement, with what it said, once the work is done", async () => {
  await addLead(db);
  let done = false;
  const work = async () => {
    await db.query('alter table "Audit" rename to "Audits"');
    await sleep(300);
    done = true;
    return { ms: 300 };
  };
  await expect(measureBesideWriter("no table", db.url, 100, work)).rejects.toThrow(
    'The live writer ended: error: relation "Audit" does not exist',
  );
  expect(done).toBe(true);
});
