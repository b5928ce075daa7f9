/** What is asked about the server's health. Each statement yields one JSON value; none of them blocks anybody. */
import { byteSizeText, durationText } from "../cli/values.ts";
import { formatBytes, formatDuration } from "../report/format.ts";
import { readSql } from "../sql-file.ts";
import { FREE_CONNECTIONS } from "./free-connections.ts";
import { type Replica, watchLag } from "./lag.ts";
import type { Limits } from "./options.ts";

/** What a check makes of an answer. */
export interface Finding {
  /** Which limit is exceeded, and how far. */
  readonly reason?: string | undefined;
  /** Part of what the check is about can't be seen by this role. */
  readonly hidden?: boolean;
}

export interface Check {
  /** What it is about, in the plural. */
  readonly name: string;
  readonly sql: string;
  /** Smaller pages help. */
  readonly smaller?: boolean;
  judge(value: never): Finding;
}

interface Slot {
  readonly name: string;
  readonly active: boolean;
  readonly bytes: number;
}

interface OldestTransaction {
  readonly who: string | null;
  readonly ageMs: number | null;
  readonly hidden: boolean;
}

const read = (name: string): string => readSql(new URL(`./${name}.sql`, import.meta.url));

/** The checks for one run: that of the replicas remembers what it saw. */
export const healthChecks = (limits: Limits): readonly Check[] => [
  replicaLag(limits),
  slotWal(limits),
  transactionAge(limits),
  waitingSessions(limits),
  freeConnections(limits),
];

function replicaLag({ maxLagMs }: Limits): Check {
  const lagOf = watchLag();
  return {
    name: "replicas",
    sql: read("replica-lag"),
    judge: (replicas: readonly Replica[]) => {
      const [slowest] = replicas
        .filter(({ hidden }) => !hidden)
        .map((replica) => ({ name: replica.name, lagMs: lagOf(replica) }))
        .sort((one, other) => other.lagMs - one.lagMs);
      const hidden = replicas.some((replica) => replica.hidden);
      if (slowest === undefined || slowest.lagMs <= maxLagMs) return { hidden };
      const behind = `replica ${slowest.name} is ${formatDuration(slowest.lagMs)} behind`;
      return { reason: `${behind} (--max-lag ${durationText(maxLagMs)})`, hidden };
    },
  };
}

const slotWal = ({ maxSlotWalBytes }: Limits): Check => ({
  name: "replication slots",
  sql: read("slot-wal"),
  judge: (slot: Slot | null) => {
    if (slot === null || slot.bytes <= maxSlotWalBytes) return {};
    const which = `${slot.active ? "" : "unused "}replication slot ${slot.name}`;
    const limit = `--max-slot-wal ${byteSizeText(maxSlotWalBytes)}`;
    return { reason: `${which} holds back ${formatBytes(slot.bytes)} of WAL (${limit})` };
  },
});

const transactionAge = ({ maxTransactionAgeMs }: Limits): Check => ({
  name: "other roles' transactions",
  sql: read("transaction-age"),
  judge: ({ who, ageMs, hidden }: OldestTransaction) => {
    if (ageMs === null || ageMs <= maxTransactionAgeMs) return { hidden };
    const limit = `--max-transaction-age ${durationText(maxTransactionAgeMs)}`;
    return { reason: `${who} has been open for ${formatDuration(ageMs)} (${limit})`, hidden };
  },
});

const waitingSessions = ({ maxWaiting }: Limits): Check => ({
  name: "sessions that wait for our locks",
  sql: read("waiting-sessions"),
  smaller: true,
  judge: (waiting: number) =>
    waiting <= maxWaiting
      ? {}
      : {
          reason: `${waiting} ${waiting === 1 ? "session waits" : "sessions wait"} for our locks (--max-waiting ${maxWaiting})`,
        },
});

const freeConnections = ({ minConnections }: Limits): Check => ({
  name: "free connections",
  sql: FREE_CONNECTIONS,
  judge: (free: number) =>
    free >= minConnections
      ? {}
      : {
          reason: `${free <= 0 ? "no connection is" : `only ${free} connections are`} free (--min-connections ${minConnections})`,
        },
});
