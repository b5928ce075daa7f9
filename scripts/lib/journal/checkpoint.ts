import type { Queryable } from "../db/database.ts";
import { RunFailed } from "../errors.ts";
import type { Cursor } from "../task.ts";

/** Options that select items, by name: a checkpoint belongs to them. */
export type Selection = Readonly<Record<string, string>>;

/** What `migration_checkpoints.cursor` holds. */
export interface Checkpoint {
  /** Where the source stands; null before the first page. */
  readonly after: Cursor | null;
  readonly selection: Selection;
  /** The first run of the chain of interrupted runs that this checkpoint continues. */
  readonly firstRunId: number;
  /** The run that saved it. */
  readonly runId: number;
}

/** Where a worker's row is: one row is cursor and lease at once. */
export interface Lease {
  readonly script: string;
  readonly partition: string;
  readonly runId: number;
}

export async function loadCheckpoint(
  db: Queryable,
  script: string,
  partition: string,
): Promise<Checkpoint | undefined> {
  const { rows } = await db.query<{ cursor: Omit<Checkpoint, "runId">; run_id: string }>(
    "select cursor, run_id from migration_checkpoints where script = $1 and partition = $2",
    [script, partition],
  );
  const [row] = rows;
  return row && { ...row.cursor, runId: Number(row.run_id) };
}

/** Makes the row this run's, whoever had it before. From here on a page of an earlier run can't commit. */
export async function takeLease(tx: Queryable, lease: Lease, state: Omit<Checkpoint, "runId">): Promise<void> {
  await tx.query(
    `insert into migration_checkpoints (script, partition, cursor, run_id, updated_at)
     values ($1, $2, $3, $4, now())
         on conflict (script, partition)
  do update set cursor = excluded.cursor, run_id = excluded.run_id, updated_at = now()`,
    [lease.script, lease.partition, JSON.stringify(state), lease.runId],
  );
}

/** Saves the cursor as the page's last statement. Throws where the lease was lost, which rolls the page back. */
export async function saveCheckpoint(tx: Queryable, lease: Lease, after: Cursor): Promise<void> {
  const { rowCount } = await tx.query(
    `update migration_checkpoints
        set cursor = jsonb_set(cursor, '{after}', $4), updated_at = now()
      where script = $1 and partition = $2 and run_id = $3`,
    [lease.script, lease.partition, lease.runId, JSON.stringify(after)],
  );
  if (rowCount !== 1) throw new RunFailed("Another run has taken over from this one; its page was rolled back.");
}

export async function clearCheckpoint(tx: Queryable, lease: Lease): Promise<void> {
  await tx.query("delete from migration_checkpoints where script = $1 and partition = $2 and run_id = $3", [
    lease.script,
    lease.partition,
    lease.runId,
  ]);
}
