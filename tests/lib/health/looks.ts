/** Looks through a gate whose limits are out of reach, but for those that the test sets. */
import { setTimeout as sleep } from "node:timers/promises";
import { type Address, parseAddress } from "../../../scripts/lib/db/address.ts";
import { type Database, type Queryable, withDatabase } from "../../../scripts/lib/db/database.ts";
import { openGate, type Verdict } from "../../../scripts/lib/health/gate.ts";
import type { Limits } from "../../../scripts/lib/health/options.ts";

const PATIENCE_MS = 20_000;
const POLL_MS = 50;

/** What other tests do to the same server exceeds none of these. */
export const WIDE: Limits = {
  maxLagMs: 1e12,
  maxSlotWalBytes: 1e15,
  maxTransactionAgeMs: 1e12,
  maxWaiting: 1e6,
  minConnections: 0,
  maxWaitMs: 1e6,
  off: false,
};

/** Asks once, anew; what the gate says must stay away unless the test listens. */
export function lookOnce(
  db: Queryable,
  limits: Partial<Limits>,
  say: (line: string) => void = refuse,
): Promise<Verdict | undefined> {
  return openGate(db, { ...WIDE, ...limits }, say).look();
}

/** Asks, each time anew, until the answer is the one that the test waits for; returns it. */
export async function lookUntil(
  db: Queryable,
  limits: Partial<Limits>,
  fits: (verdict: Verdict | undefined) => boolean,
  say?: (line: string) => void,
): Promise<Verdict | undefined> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    const verdict = await lookOnce(db, limits, say);
    if (fits(verdict)) return verdict;
    if (performance.now() > deadline) throw new Error(`still ${JSON.stringify(verdict)}`);
    await sleep(POLL_MS);
  }
}

/** As a run has it: its sessions are known as ours. */
export const asRun = <T>(at: Address | string, work: (db: Database) => Promise<T>): Promise<T> =>
  withDatabase(typeof at === "string" ? parseAddress(at) : at, { max: 4 }, work);

/** The same database, and how often it was asked. */
export function counted(run: Queryable): Queryable & { asked: number } {
  const counting = {
    asked: 0,
    query: ((sql, values) => {
      counting.asked += 1;
      return run.query(sql, values);
    }) as Queryable["query"],
  };
  return counting;
}

function refuse(line: string): never {
  throw new Error(`not expected: ${line}`);
}
