import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "@jest/globals";
import pg from "pg";
import type { Database } from "../../../scripts/lib/db/database.ts";
import { openGate } from "../../../scripts/lib/health/gate.ts";
import type { Limits } from "../../../scripts/lib/health/options.ts";
import { asRun, counted, lookOnce, lookUntil, WIDE } from "./looks.ts";
import { type Pair, startPair } from "./primary-and-replica.ts";

const OLD = { maxTransactionAgeMs: 0 };
const LINE = (what: string) => `Health: ${what} can't be read by this role (it needs pg_monitor); left out`;

let pair: Pair;
let others: pg.Client[];

beforeAll(async () => {
  pair = await startPair("replica1");
  await pair.primary.query("create role plain login");
});

afterAll(() => pair?.remove());

beforeEach(() => {
  others = [];
});

afterEach(() => Promise.all(others.map((other) => other.end())));

/** A session with an open transaction. */
async function openTransaction(user: string): Promise<void> {
  const other = new pg.Client({ connectionString: urlAs(user), application_name: user });
  others.push(other);
  await other.connect();
  await other.query("begin; select 1");
}

const urlAs = (user: string): string => pair.primary.url.replace("postgres@", `${user}@`);

const asPlain = <T>(work: (run: Database) => Promise<T>): Promise<T> => asRun(urlAs("plain"), work);

/** What a gate says while it looks so often, a second apart. */
async function saidIn(run: Database, limits: Partial<Limits>, looks = 1): Promise<string[]> {
  const said: string[] = [];
  const gate = openGate(run, { ...WIDE, ...limits }, (line) => said.push(line));
  for (let look = 0; look < looks; look++) {
    if (look > 0) await sleep(1_050);
    await gate.look();
  }
  return said;
}

test("what a role without rights can't see is named once and counts for nothing", async () => {
  await openTransaction("postgres");
  await asPlain(async (run) => {
    const said = await saidIn(run, { maxLagMs: 0, ...OLD }, 3);
    expect(said).toEqual([LINE("replicas"), LINE("other roles' transactions")]);
  });
});

test("such a role goes on watching its own sessions", async () => {
  await openTransaction("postgres");
  await openTransaction("plain");
  await asPlain(async (run) => {
    const verdict = await lookOnce(run, OLD, () => undefined);
    expect(verdict?.reason).toMatch(/^the transaction of session \d+ \(plain\) has been open for/);
  });
});

test("such a role counts as many connections, slots and waiting sessions as a superuser", async () => {
  await openTransaction("postgres");
  await pair.primary.query("create table things (); select pg_create_physical_replication_slot('unused', true)");
  await pair.primary.query("select pg_logical_emit_message(true, 'test', repeat('x', 3000000))");
  const holder = new pg.Client({ connectionString: pair.primary.url, application_name: "crm-migrations" });
  others.push(holder);
  await holder.connect();
  await holder.query("begin; lock things");
  const waiting = others[0]?.query("select from things");
  const limits = { minConnections: 30, maxSlotWalBytes: 1024 ** 2, maxWaiting: 0 };
  const seen = /unused replication slot unused .*; 1 session waits .*; only 22 connections are free/;
  await asPlain((run) =>
    lookUntil(
      run,
      limits,
      (verdict) => seen.test(verdict?.reason ?? ""),
      () => undefined,
    ),
  );
  await asRun(pair.primary.url, (run) => lookUntil(run, limits, (verdict) => seen.test(verdict?.reason ?? "")));
  await holder.query("rollback");
  await waiting;
  await pair.primary.query("select pg_drop_replication_slot('unused')");
});

test("with pg_monitor the role sees it all", async () => {
  await openTransaction("postgres");
  await pair.primary.query("create role monitor login; grant pg_monitor to monitor");
  await asRun(urlAs("monitor"), async (run) => {
    expect(await lookOnce(run, WIDE)).toBeUndefined();
    expect((await lookOnce(run, OLD))?.reason).toMatch(/\(postgres\) has been open for/);
  });
});

test("what a role may not even ask is named once, and the rest is still asked", async () => {
  await pair.primary.query("revoke select on pg_locks, pg_replication_slots from public");
  await asPlain(async (run) => {
    const said: string[] = [];
    const counting = counted(run);
    const gate = openGate(counting, { ...WIDE, minConnections: 30 }, (line) => said.push(line));
    expect((await gate.look())?.reason).toMatch(/^only \d+ connections are free/);
    expect(counting.asked).toBe(6); // all at once, then each of the five
    await sleep(1_050);
    expect((await gate.look())?.reason).toMatch(/^only \d+ connections are free/);
    expect(counting.asked).toBe(7);
    expect(said).toContain(LINE("sessions that wait for our locks"));
    expect(said).toContain(LINE("replication slots"));
    expect(new Set(said).size).toBe(said.length);
  });
  await pair.primary.query("revoke select on pg_stat_activity, pg_stat_replication from public");
  await asPlain(async (run) => {
    expect(await saidIn(run, { maxLagMs: 0, ...OLD, minConnections: 30 }, 2)).toHaveLength(5);
  });
});
