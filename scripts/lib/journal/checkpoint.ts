import type { Queryable } from "../db/database.ts";
import { RunFailed } from "../errors.ts";
import type { Cursor, Span } from "../task.ts";

/** Options that select items, by name: a checkpoint belongs to them. */
export type Selection = Readonly<Record<string, string>>;

/** A part of a stage: what one worker has still to do. A row of `migration_checkpoints`, named by `partition`. */
export interface Part extends Span {
  readonly partition: string;
  readonly done: boolean;
}

/** Where a script stands: the stage it is in, and how far each part of it is. */
export interface Checkpoint {
  readonly stage: number;
  readonly parts: readonly Part[];
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

/** What the column `cursor` holds. */
interface Row extends Span {
  readonly done: boolean;
  readonly stage: number;
  readonly selection: Selection;
  readonly firstRunId: number;
}

/** Parts are numbered; the rows of other names are leases without a place in the source. */
const IS_PART = "partition ~ '^[0-9]+$'";

export async function loadCheckpoint(db: Queryable, script: string): Promise<Checkpoint | undefined> {
  const { rows } = await db.query<{ partition: string; cursor: Row; run_id: string }>(
    `select partition, cursor, run_id
       from migration_checkpoints
      where script = $1 and ${IS_PART}
      order by partition::int`,
    [script],
  );
  const [first] = rows;
  if (first === undefined) return undefined;
  const { stage, selection, firstRunId } = first.cursor;
  const parts = rows.map(({ partition, cursor: { after, until, done } }) => ({ partition, after, until, done }));
  return { stage, parts, selection, firstRunId, runId: Number(first.run_id) };
}

/** Writes a script's checkpoint anew. From here on no page of an earlier run can commit; a later run's is left alone. */
export async function replaceCheckpoint(tx: Queryable, script: string, checkpoint: Checkpoint): Promise<void> {
  const { parts, runId, ...shared } = checkpoint;
  const { rows } = await tx.query<{ run_id: string }>(
    "delete from migration_checkpoints where script = $1 returning run_id",
    [script],
  );
  if (rows.some(({ run_id }) => Number(run_id) > runId)) throw takenOver();
  for (const { partition, ...place } of parts)
    await insertRow(tx, { script, partition, runId }, { ...place, ...shared });
}

/** Takes a lease that has no place in the source, such as that of the items that are retried. */
export const takeLease = (tx: Queryable, lease: Lease): Promise<void> => insertRow(tx, lease, {});

/** Saves the cursor as the page's last statement. Throws where the lease was lost, which rolls the page back. */
export const saveCursor = (tx: Queryable, lease: Lease, after: Cursor): Promise<void> =>
  updateRow(tx, lease, { after });

/** Whether the transaction of this number is the one that saved the cursor last. */
export async function isSavedBy(db: Queryable, { script, partition, runId }: Lease, xid: string): Promise<boolean> {
  const { rows } = await db.query(
    `select
       from migration_checkpoints
      where script = $1 and partition = $2 and run_id = $3 and xmin::text::bigint = $4::bigint % 4294967296`,
    [script, partition, runId, xid],
  );
  return rows.length > 0;
}

/** The part is done: its row stays until its stage is. */
export const endPart = (tx: Queryable, lease: Lease): Promise<void> => updateRow(tx, lease, { done: true });

/** Cuts a part into several: it ends where the first of the others begins. */
export async function cutPart(
  tx: Queryable,
  lease: Lease,
  until: Cursor,
  others: readonly Part[],
  shared: Pick<Checkpoint, "stage" | "selection" | "firstRunId">,
): Promise<void> {
  await updateRow(tx, lease, { until });
  for (const { partition, ...place } of others) await insertRow(tx, { ...lease, partition }, { ...place, ...shared });
}

/** Removes what this run has saved; what a later run has, stays. */
export async function clearCheckpoint(tx: Queryable, { script, runId }: Omit<Lease, "partition">): Promise<void> {
  await tx.query("delete from migration_checkpoints where script = $1 and run_id = $2", [script, runId]);
}

async function insertRow(tx: Queryable, { script, partition, runId }: Lease, cursor: Partial<Row>): Promise<void> {
  await tx.query(
    `insert into migration_checkpoints (script, partition, cursor, run_id, updated_at)
     values ($1, $2, $3, $4, now())
         on conflict (script, partition)
  do update set cursor = excluded.cursor, run_id = excluded.run_id, updated_at = now()`,
    [script, partition, JSON.stringify(cursor), runId],
  );
}

async function updateRow(tx: Queryable, { script, partition, runId }: Lease, change: Partial<Row>): Promise<void> {
  const { rowCount } = await tx.query(
    `update migration_checkpoints
        set cursor = cursor || $4::jsonb, updated_at = now()
      where script = $1 and partition = $2 and run_id = $3`,
    [script, partition, runId, JSON.stringify(change)],
  );
  if (rowCount !== 1) throw takenOver();
}

/** Why a run must not write any more. */
export const takenOver = () => new RunFailed("Another run has taken over from this one; its page was rolled back.");
