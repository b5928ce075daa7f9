import type { BatchEntry } from "../../batches.ts";
import type { Queryable } from "../../db/database.ts";
import { hasJournal } from "../../journal/runs.ts";
import { readSql } from "../../sql-file.ts";

/** Items that failed for one reason. */
export interface Reason {
  readonly batch: number;
  readonly script: string;
  /** A SQLSTATE, or what the batch calls it. */
  readonly code: string;
  readonly message: string;
  readonly items: number;
  /** The first of them. */
  readonly keys: readonly string[];
  /** The last run that put one of them there. */
  readonly runId: number;
}

export interface Quarantine {
  /** As many reasons as were asked for. */
  readonly reasons: readonly Reason[];
  readonly allReasons: number;
  readonly items: number;
}

const REASONS = readSql(new URL("./reasons.sql", import.meta.url));

/** What is in quarantine of these batches, by reason. Only reads; empty on a database without a journal. */
export async function readQuarantine(
  db: Queryable,
  entries: readonly BatchEntry[],
  { keys, limit }: { readonly keys: number; readonly limit: number },
): Promise<Quarantine> {
  if (!(await hasJournal(db))) return { reasons: [], allReasons: 0, items: 0 };
  const scripts = entries.map(({ name }) => name);
  type Row = Pick<Reason, "script" | "code" | "message" | "keys"> &
    Readonly<Record<"items" | "runId" | "reasons" | "allItems", string>>;
  const { rows } = await db.query<Row>(REASONS, [scripts, keys, limit]);
  const reasons = rows.map(({ script, code, message, items, keys: first, runId }) => ({
    batch: entries.find(({ name }) => name === script)?.number ?? 0,
    script,
    code,
    message,
    items: Number(items),
    keys: first,
    runId: Number(runId),
  }));
  return { reasons, allReasons: Number(rows[0]?.reasons ?? 0), items: Number(rows[0]?.allItems ?? 0) };
}
