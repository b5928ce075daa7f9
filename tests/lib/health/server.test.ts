import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import pg from "pg";
import { openGate } from "../../../scripts/lib/health/gate.ts";
import { asRun, lookOnce, lookUntil, WIDE } from "./looks.ts";
import { type Pair, startPair } from "./primary-and-replica.ts";

const WAL_BYTES = 3_000_000;

let pair: Pair;

beforeAll(async () => {
  pair = await startPair("replica1");
});

afterAll(() => pair?.remove());

const write = () => pair.primary.query(`select pg_logical_emit_message(true, 'test', repeat('x', ${WAL_BYTES}))`);

/** What is written meanwhile, the replica gets, but does not replay. */
async function whilePaused(work: () => Promise<void>): Promise<void> {
  await pair.replica.query("select pg_wal_replay_pause()");
  await work().finally(() => pair.replica.query("select pg_wal_replay_resume()"));
}

test("a replica that is behind is named until it has caught up", async () => {
  await asRun(pair.primary.url, async (run) => {
    await write();
    await lookUntil(run, { maxLagMs: 300 }, (seen) => seen === undefined);
    await whilePaused(async () => {
      // It tells only now and then how far it is, and the server measures when it is told.
      await pair.replica.query("alter system set wal_receiver_status_interval = '1s'");
      await pair.replica.query("select pg_reload_conf()");
      await write();
      const verdict = await lookUntil(run, { maxLagMs: 300 }, (seen) => seen !== undefined);
      expect(verdict).toEqual({
        reason: expect.stringMatching(/^replica replica1 is \d\.\d s behind \(--max-lag 300ms\)$/),
        smaller: false,
      });
      expect(await lookOnce(run, { maxLagMs: 600_000 })).toBeUndefined();
      await pair.replica.query("alter system reset wal_receiver_status_interval");
      await pair.replica.query("select pg_reload_conf()");
    });
    await lookUntil(run, { maxLagMs: 300 }, (seen) => seen === undefined);
  });
});

test("a replica that gets nowhere is found out sooner than it tells", async () => {
  await asRun(pair.primary.url, async (run) => {
    const gate = openGate(run, { ...WIDE, maxLagMs: 1_500 }, () => undefined);
    await whilePaused(async () => {
      await write();
      expect(await gate.look()).toBeUndefined();
      await sleep(2_000);
      expect((await gate.look())?.reason).toMatch(/^replica replica1 is \d+\.\d s behind/);
    });
    while ((await gate.look()) !== undefined) await sleep(100);
  });
});

test("a replica that has replayed everything is not behind, however long nothing was written", async () => {
  await asRun(pair.primary.url, async (run) => {
    await write();
    await lookUntil(run, { maxLagMs: 0 }, (seen) => seen === undefined);
    const gate = openGate(run, { ...WIDE, maxLagMs: 0 }, () => undefined);
    for (let second = 0; second < 3; second++) {
      expect(await gate.look()).toBeUndefined();
      await sleep(1_050);
    }
  });
});

test("a replica that is away is not behind, but its slot holds back what it has not got", async () => {
  await pair.primary.query("select pg_create_physical_replication_slot('of_replica1', true)");
  await pair.stopReplica();
  try {
    await write();
    await asRun(pair.primary.url, async (run) => {
      expect(await lookOnce(run, { maxLagMs: 0, maxSlotWalBytes: 100 * 1024 ** 2 })).toBeUndefined();
      expect(await lookOnce(run, { maxLagMs: 0, maxSlotWalBytes: 1024 ** 2 })).toEqual({
        reason: expect.stringMatching(
          /^unused replication slot of_replica1 holds back \d+(\.\d)? MB of WAL \(--max-slot-wal 1MB\)$/,
        ),
        smaller: false,
      });
    });
  } finally {
    await pair.startReplica();
    await pair.primary.query("select pg_drop_replication_slot('of_replica1')");
  }
});

test("a slot that holds nothing back, and one that is lost, do no harm", async () => {
  await pair.primary.query("alter system set max_slot_wal_keep_size = '1MB'");
  await pair.primary.query("select pg_reload_conf()");
  await pair.primary.query("select pg_create_physical_replication_slot('idle')");
  await pair.primary.query("select pg_create_physical_replication_slot('lost', true)");
  try {
    await asRun(pair.primary.url, async (run) => {
      for (let segment = 0; segment < 3; segment++) {
        await write();
        await pair.primary.query("select pg_switch_wal()");
      }
      await pair.primary.query("checkpoint");
      const { rows } = await run.query("select wal_status from pg_replication_slots where slot_name = 'lost'");
      expect(rows).toEqual([{ wal_status: "lost" }]);
      expect(await lookOnce(run, { maxSlotWalBytes: 0 })).toBeUndefined();
    });
  } finally {
    for (const slot of ["idle", "lost"]) await pair.primary.query(`select pg_drop_replication_slot('${slot}')`);
    await pair.primary.query("alter system reset max_slot_wal_keep_size");
    await pair.primary.query("select pg_reload_conf()");
  }
});

test("a prepared transaction is as old as any other", async () => {
  await pair.primary.query("begin; create table prepared (); prepare transaction 'left behind'");
  try {
    await asRun(pair.primary.url, async (run) => {
      const verdict = await lookUntil(run, { maxTransactionAgeMs: 200 }, (seen) => seen !== undefined);
      expect(verdict?.reason).toMatch(/^the prepared transaction 'left behind' has been open for 0\.\d s/);
    });
  } finally {
    await pair.primary.query("rollback prepared 'left behind'");
  }
});

test("connections that are free for others are counted: neither reserved ones, nor replicas, nor the server's own", async () => {
  await asRun(pair.primary.url, async (run) => {
    // Of 30 three are the superuser's, two reserved for others, and one is ours.
    expect(await lookUntil(run, { minConnections: 24 }, (seen) => seen === undefined)).toBeUndefined();
    expect(await lookOnce(run, { minConnections: 25 })).toEqual({
      reason: "only 24 connections are free (--min-connections 25)",
      smaller: false,
    });
    const others = Array.from({ length: 25 }, () => new pg.Client(pair.primary.url));
    await Promise.all(others.map((other) => other.connect()));
    const verdict = await lookOnce(run, { minConnections: 1 });
    await Promise.all(others.map((other) => other.end()));
    expect(verdict?.reason).toBe("no connection is free (--min-connections 1)");
  });
});

test("a replica can be asked, too", async () => {
  await asRun(pair.replica.url, async (run) => {
    expect(await lookOnce(run, {})).toBeUndefined();
  });
});
