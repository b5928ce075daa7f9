/** What a database says about the batches, read in one statement: it sees all of it at one moment. */
import { BATCHES } from "../../batches.ts";
import type { Queryable } from "../../db/database.ts";
import { UserError } from "../../errors.ts";
import type { Stats, Status } from "../../journal/runs.ts";
import type { Standing } from "../../report/progress.ts";
import type { HistoryEntry } from "../../schema/history.ts";
import { readSql } from "../../sql-file.ts";

/** A row of `migration_runs`; times as ISO 8601. */
export interface RunFacts {
  readonly id: number;
  readonly script: string;
  readonly step: string | null;
  /** It looked at items that its options named, or at those in quarantine, only. */
  readonly partial: boolean;
  readonly status: Status | "running" | "rolled_back";
  readonly options: Readonly<Record<string, unknown>>;
  readonly stats: Stats;
  /** How far it was at its last heartbeat, and, where it must wait, until when. */
  readonly progress: (Partial<Standing> & { readonly until?: string }) | null;
  readonly host: string;
  readonly pid: number;
  readonly error: string | null;
  readonly startedAt: string;
  readonly finishedAt: string | null;
  /** Seconds since the last heartbeat. */
  readonly heartbeatAge: number;
  /** Until it ended, or was heard of last. */
  readonly durationMs: number;
  /** How many runs of the script and step, as partial as this one, count, or were rolled back, as it. */
  readonly alike: number;
}

/** A saved cursor, which the next run goes on from. */
export interface CheckpointFacts {
  readonly script: string;
  readonly runId: number;
  readonly parts: number;
  readonly partsDone: number;
  /** The options that select items, which the next run must have, too. */
  readonly selection: Readonly<Record<string, string>> | null;
  readonly savedAt: string;
}

export interface LockFacts {
  readonly script: string;
  readonly pid: number;
  readonly application: string | null;
}

/** Tables that this role may not read are named in `unreadable`, and taken for empty elsewhere. */
export interface Facts {
  readonly runs: readonly RunFacts[];
  readonly checkpoints: readonly CheckpointFacts[];
  readonly quarantine: readonly { readonly script: string; readonly items: number }[];
  readonly history: readonly HistoryEntry[];
  readonly locks: readonly LockFacts[];
  /** A replica doesn't see the locks of its primary. */
  readonly replica: boolean;
  readonly unreadable: readonly Table[];
}

export type Table = "migration_runs" | "migration_checkpoints" | "migration_errors" | "_prisma_migrations";

const sqlOf = (name: string): string => readSql(new URL(`${name}.sql`, import.meta.url));

const PARTS: readonly (readonly [part: string, table: Table])[] = [
  ["runs", "migration_runs"],
  ["checkpoints", "migration_checkpoints"],
  ["quarantine", "migration_errors"],
  ["history", "_prisma_migrations"],
];

/** Reads what there is. Locks are looked at after the rows: a row of a run that lives has its lock. */
export async function readFacts(db: Queryable): Promise<Facts> {
  const names = PARTS.map(([, table]) => table);
  const { rows: tables } = await db.query<{ name: Table; here: boolean; readable: boolean }>(sqlOf("tables"), [names]);
  await refuseHiddenSchema(db);
  const columns = PARTS.filter(([, table]) => tables.some(({ name, readable }) => name === table && readable))
    .map(([part]) => part)
    .concat("locks")
    .map((part) => `(select coalesce(jsonb_agg(part), '[]') from (\n${sqlOf(part)}\n) part) as ${part}`);
  const { rows } = await db.query(`select pg_is_in_recovery() as replica,\n${columns.join(",\n")}`, [
    BATCHES.map(({ name }) => name),
  ]);
  const unreadable = tables.filter(({ here, readable }) => here && !readable).map(({ name }) => name);
  return {
    runs: [],
    checkpoints: [],
    quarantine: [],
    history: [],
    ...(rows[0] as Pick<Facts, "locks" | "replica">),
    unreadable,
  };
}

/** Where the role may not look into the schema, every table would seem to be missing. */
async function refuseHiddenSchema(db: Queryable): Promise<void> {
  const { rows } = await db.query<{ hidden: boolean; path: string }>(sqlOf("hidden"));
  const [first] = rows;
  if (first?.hidden === true)
    throw new UserError(`This role may not look into any schema of ${first.path}. Grant it usage on the CRM's schema.`);
}
