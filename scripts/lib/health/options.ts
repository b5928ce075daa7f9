import type { Options as YargsOptions } from "yargs";
import { byteSize, duration, wholeNumber } from "../cli/values.ts";

/** What the database must keep to for a run to go on. */
export interface Limits {
  readonly maxLagMs: number;
  readonly maxSlotWalBytes: number;
  readonly maxTransactionAgeMs: number;
  readonly maxWaiting: number;
  readonly minConnections: number;
  /** The longest wait at a stretch. */
  readonly maxWaitMs: number;
  /** Nothing is asked. */
  readonly off: boolean;
}

/** The options as they are read from the command line: times in milliseconds, sizes in bytes. */
export interface HealthOptions {
  readonly maxLag?: number;
  readonly maxSlotWal?: number;
  readonly maxTransactionAge?: number;
  readonly maxWaiting?: number;
  readonly minConnections?: number;
  readonly maxWait?: number;
  readonly noGate?: boolean;
}

/** For scripts that run beside a live CRM; yargs' declarations. */
export const HEALTH_OPTIONS: Readonly<Record<string, YargsOptions>> = {
  "max-lag": { ...duration("--max-lag"), describe: "wait while a replica is further behind (default 10s)" },
  "max-slot-wal": {
    ...byteSize("--max-slot-wal"),
    describe: "wait while a replication slot holds back more WAL (default 10GB)",
  },
  "max-transaction-age": {
    ...duration("--max-transaction-age"),
    describe: "wait while another's transaction is open for longer (default 1h)",
  },
  "max-waiting": {
    ...wholeNumber("--max-waiting", { min: 0 }),
    describe: "shrink pages while more sessions wait for our locks (default 3)",
  },
  "min-connections": {
    ...wholeNumber("--min-connections", { min: 0 }),
    describe: "wait while fewer connections are free for others (default 5)",
  },
  "max-wait": { ...duration("--max-wait"), describe: "end with exit 75 after a longer wait (default 10m)" },
  "no-gate": { type: "boolean", default: false, describe: "ask for none of these; for measuring" },
};

/** The limits that the options set, with the defaults for those left out. */
export const limitsOf = (options: HealthOptions): Limits => ({
  maxLagMs: options.maxLag ?? 10_000,
  maxSlotWalBytes: options.maxSlotWal ?? 10 * 1024 ** 3,
  maxTransactionAgeMs: options.maxTransactionAge ?? 3_600_000,
  maxWaiting: options.maxWaiting ?? 3,
  minConnections: options.minConnections ?? 5,
  maxWaitMs: options.maxWait ?? 600_000,
  off: options.noGate ?? false,
});
