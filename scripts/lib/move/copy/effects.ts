/**
 * What a page leaves in `migration_effects`: that rows of a table are its own are exactly those whose present version its
 * transaction wrote. PostgreSQL keeps that number with each row, as `xmin`, and changes it with every update; so a rollback knows
 * the rows that are still as they were copied, and the copy pays nothing for it. The note itself is written by the same
 * transaction: where its own number is another one, the database was restored from a dump, and the numbers mean nothing.
 */
import { createHash } from "node:crypto";
import type { Queryable } from "../../db/database.ts";
import type { RowsPage } from "./place.ts";
import { isRange } from "./place.ts";

/** Longer ones don't fit into the unique index. */
const MOST_NAME = 1_000;

/** Notes that the transaction, or the savepoint that it is in, inserted so many rows. */
export async function noteCopied(
  tx: Queryable,
  { runId, target, name, rows }: { runId: number | null; target: string; name: string; rows: number },
): Promise<void> {
  if (rows === 0) return;
  const { rows: noted } = await tx.query<{ id: string; xid: string }>(
    `insert into migration_effects (run_id, table_name, row_id, action)
     values ($1, $2, $3, 'copy')
  returning id, xmin::text as xid`,
    [runId, target, name],
  );
  const [note] = noted;
  await tx.query(
    `update migration_effects
        set before = jsonb_build_object('rows', $2::bigint, 'xid', $3::text, 'transaction', pg_current_xact_id()::text)
      where id = $1`,
    [note?.id, rows, note?.xid],
  );
}

/** What a page is called in its note: its range, or its keys. */
export function nameOfPage({ rows, putOff }: RowsPage): string {
  const ends = isRange(rows) ? [rows.after, rows.until] : rows;
  const name = `${isRange(rows) ? "range" : "keys"} ${JSON.stringify(ends)}${putOff === undefined ? "" : ` again ${putOff}`}`;
  if (name.length <= MOST_NAME) return name;
  return `${name.slice(0, MOST_NAME / 2)}… ${createHash("sha256").update(name).digest("hex")}`;
}
