import { hostname } from "node:os";
import { actionOf } from "../batches.ts";
import type { Database, Queryable } from "../db/database.ts";
import { inTransaction } from "../db/transaction.ts";
import { takenOver } from "./checkpoint.ts";

export type Status = "completed" | "completed_with_errors" | "failed" | "interrupted" | "waiting";
export type Stats = Readonly<Record<string, number>>;

/** A run in mode `write`: its row in `migration_runs`. */
export interface Run {
  readonly id: number;
  readonly batch: number;
  readonly script: string;
}

/** Opens the run's record. The caller holds the script's lock. */
export async function startRun(
  db: Database,
  { batch, script, options }: { batch: number; script: string; options: object },
): Promise<Run> {
  const { rows } = await db.query<{ id: string }>(
    `insert into migration_runs (batch, script, mode, status, options, stats, host, pid, started_at, heartbeat_at)
     values ($1, $2, 'write', 'running', $3, '{}', $4, $5, now(), now())
     returning id`,
    [batch, script, JSON.stringify(options), hostname(), process.pid],
  );
  return { id: Number(rows[0]?.id), batch, script };
}

/** Tells other terminals that the run lives, and how far it is. */
export async function beat(db: Queryable, run: Run, stats: Stats, progress: object): Promise<void> {
  await db.query(
    `update migration_runs
        set heartbeat_at = now(), stats = $2, progress = $3
      where id = $1 and status = 'running'`,
    [run.id, JSON.stringify(stats), JSON.stringify(progress)],
  );
}

/**
 * Closes the run's record and adds its Audit row. Does nothing where a later run has already closed it;
 * returns whether it was ours to close.
 */
export async function finishRun(
  tx: Queryable,
  run: Run,
  { status, stats, error, progress }: { status: Status; stats: Stats; error?: string | undefined; progress: object },
): Promise<boolean> {
  const { rowCount } = await tx.query(
    `update migration_runs
        set status = $2, stats = $3, error = $4, progress = $5, finished_at = now(), heartbeat_at = now()
      where id = $1 and status = 'running'`,
    [run.id, status, JSON.stringify(stats), error ?? null, JSON.stringify(progress)],
  );
  if (rowCount !== 1) return false;
  await addAuditRecord(tx, run, stats);
  return true;
}

/** Throws where a later run has closed this one; else it can't until the transaction has ended. */
export async function keepOpen(tx: Queryable, run: Run): Promise<void> {
  const { rows } = await tx.query("select from migration_runs where id = $1 and status = 'running' for share", [
    run.id,
  ]);
  if (rows.length === 0) throw takenOver();
}

/** Closes the runs of this script that died: only the holder of the lock may say so. Returns how many there were. */
export async function closeDeadRuns(db: Database, script: string): Promise<number> {
  return inTransaction(db, {}, async (tx) => {
    const { rows } = await tx.query<{ id: string; batch: number; stats: Stats }>(
      `update migration_runs
          set status = 'interrupted', finished_at = heartbeat_at
        where script = $1 and status = 'running'
    returning id, batch, stats`,
      [script],
    );
    for (const { id, batch, stats } of rows) await addAuditRecord(tx, { id: Number(id), batch, script }, stats);
    return rows.length;
  });
}

async function addAuditRecord(tx: Queryable, run: Run, stats: Stats): Promise<void> {
  const payload = {
    timestamp: new Date().toISOString(),
    script: run.script,
    version: `batch-${run.batch}`,
    runId: run.id,
    mode: "write",
    stats,
  };
  await tx.query(
    `insert into "Audit" (id, actor, action, payload, created_at) values (gen_random_uuid(), 'system', $1, $2, now())`,
    [actionOf(run.script), JSON.stringify(payload)],
  );
}

/** Whether the tables of batch 1 that hold all this are there. */
export async function hasJournal(db: Queryable): Promise<boolean> {
  const { rows } = await db.query("select 1 where to_regclass('migration_runs') is not null");
  return rows.length > 0;
}
