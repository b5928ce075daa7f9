import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "@jest/globals";
import pg from "pg";
import { backendOf } from "../../../scripts/lib/db/cancel.ts";
import { type Database, openConnection, type Queryable } from "../../../scripts/lib/db/database.ts";
import { MustWait } from "../../../scripts/lib/errors.ts";
import { type Gate, mustWait, openGate, type Passage, pass } from "../../../scripts/lib/health/gate.ts";
import { useDatabase } from "../../helpers/database.ts";
import { asRun, counted, WIDE } from "./looks.ts";

const db = useDatabase({ empty: true });

const limits = { ...WIDE, maxTransactionAgeMs: 0 };

const openOn = (run: Queryable): Gate => openGate(run, limits, () => undefined);

/** While the other session has a transaction open, the gate is closed. */
const beside = (work: (run: Database, other: pg.Client) => Promise<void>): Promise<void> =>
  asRun(db.address, async (run) => {
    const other = new pg.Client({ connectionString: db.url, application_name: "psql" });
    await other.connect();
    await work(run, other).finally(() => other.end());
  });

const passage = (more: Partial<Passage> = {}): Passage => ({
  maxWaitMs: 60_000,
  signal: new AbortController().signal,
  onWait: () => undefined,
  ...more,
});

test("all five limits are asked for in one round trip, once a second, however many ask", async () => {
  await beside(async (run, other) => {
    const counting = counted(run);
    const gate = openOn(counting);
    await Promise.all([gate.look(), gate.look(), gate.look()]);
    expect(await gate.look()).toBeUndefined();
    expect(counting.asked).toBe(1);
    await other.query("begin; select 1");
    expect(await gate.look()).toBeUndefined(); // what it knows
    await sleep(1_050);
    expect(await gate.look()).toMatchObject({ smaller: false });
    expect(counting.asked).toBe(2);
  });
});

test("who passes an open gate does not wait, and hears nothing", async () => {
  await beside(async (run) => {
    const heard: unknown[] = [];
    const began = performance.now();
    expect(await pass(openOn(run), passage({ onWait: (reason) => heard.push(reason) }))).toBeUndefined();
    expect(performance.now() - began).toBeLessThan(900);
    expect(heard).toEqual([]);
  });
});

test("who waits hears why, goes on when all is well, and is told the first verdict", async () => {
  await beside(async (run, other) => {
    await other.query("begin; select 1");
    const heard: (string | undefined)[] = [];
    const passed = pass(openOn(run), passage({ onWait: (reason) => heard.push(reason) }));
    await sleep(1_800);
    expect(heard).not.toContain(undefined);
    await other.query("commit");
    const verdict = await passed;
    expect(verdict?.reason).toMatch(/^the transaction of session \d+ \(psql\) has been open for/);
    expect(heard[0]).toBe(verdict?.reason);
    expect(heard.length).toBeGreaterThan(2); // it grew older
    expect(heard.at(-1)).toBeUndefined();
    expect(heard.slice(0, -1)).not.toContain(undefined);
  });
});

test("who has waited for too long must wait elsewhere", async () => {
  await beside(async (run, other) => {
    await other.query("begin; select 1");
    const began = performance.now();
    const passed = pass(openOn(run), passage({ maxWaitMs: 1_500 }));
    await expect(passed).rejects.toThrow(MustWait);
    await expect(passed).rejects.toThrow(
      /^A limit .* has been exceeded for 1\.5 s: the transaction of .* \(--max-transaction-age 0ms\)\. Run the same command again to go on\.$/,
    );
    expect(performance.now() - began).toBeGreaterThan(1_450);
    expect(performance.now() - began).toBeLessThan(3_000);
  });
});

test.each([
  [600_000, "10 min"],
  [7_200_000, "2 h"],
  [90_000, "1 min 30 s"],
])("a longest wait of %d ms is called %s", (maxWaitMs, text) => {
  const error = mustWait({ reason: "because", smaller: false }, maxWaitMs);
  expect(error.message).toContain(`exceeded for ${text}: because. Run`);
});

test("a signal ends the wait at once", async () => {
  await beside(async (run, other) => {
    await other.query("begin; select 1");
    const stop = new AbortController();
    const passed = pass(openOn(run), passage({ signal: stop.signal }));
    await sleep(300);
    const began = performance.now();
    stop.abort(new Error("stopped"));
    await expect(passed).rejects.toMatchObject({ name: "AbortError" });
    expect(performance.now() - began).toBeLessThan(200);
    await expect(pass(openOn(run), passage({ signal: stop.signal }))).rejects.toThrow("stopped");
  });
});

test("with --no-gate nothing is asked", async () => {
  await beside(async (run, other) => {
    await other.query("begin; select 1");
    const counting = counted(run);
    const gate = openGate(counting, { ...limits, off: true }, () => undefined);
    expect(await pass(gate, passage())).toBeUndefined();
    expect(counting.asked).toBe(0);
  });
});

test("a connection that is lost is an error, and the next look asks anew", async () => {
  const connection = await openConnection(db.address);
  connection.on("error", () => undefined);
  const counting = counted(connection);
  const gate = openOn(counting);
  await db.query("select pg_terminate_backend($1)", [backendOf(connection)]);
  for (const asked of [1, 2]) {
    await expect(gate.look()).rejects.toThrow();
    expect(counting.asked).toBe(asked);
  }
  await connection.end();
});
