import type { Queryable } from "../db/database.ts";
import { checksumOf, type Folder } from "./folders.ts";

/** A row of `_prisma_migrations`. */
export interface HistoryEntry {
  readonly name: string;
  readonly checksum: string;
  readonly finished: boolean;
  readonly rolledBack: boolean;
  /** 1 where Prisma ran the file, 0 where a baseline only recorded it. */
  readonly appliedStepsCount: number;
}

/** Prisma's record of what was applied, oldest first; empty where Prisma was never here. Only reads. */
export async function readHistory(db: Queryable): Promise<HistoryEntry[]> {
  const { rows: tables } = await db.query("select 1 where to_regclass('_prisma_migrations') is not null");
  if (tables.length === 0) return [];
  const { rows } = await db.query<HistoryEntry>(
    `select migration_name             as name,
            checksum,
            finished_at is not null    as finished,
            rolled_back_at is not null as "rolledBack",
            applied_steps_count        as "appliedStepsCount"
       from _prisma_migrations
      order by started_at, id`,
  );
  return rows;
}

/** Whether the folder's file ran to its end, or a baseline stands for it. */
export const isApplied = (history: readonly HistoryEntry[], folder: Pick<Folder, "name">): boolean =>
  entryOf(history, folder) !== undefined;

/** Whether the file was changed after it was applied. Line ends don't count, as they don't for Prisma. */
export function isChanged(history: readonly HistoryEntry[], folder: Pick<Folder, "name" | "sql">): boolean {
  const entry = entryOf(history, folder);
  if (entry === undefined) return false;
  const unix = folder.sql.replaceAll("\r\n", "\n");
  return ![folder.sql, unix, unix.replaceAll("\n", "\r\n")].some((sql) => checksumOf(sql) === entry.checksum);
}

/** Names whose file began and neither ended nor was marked rolled back: it failed, or the process died. */
export const interruptedOf = (history: readonly HistoryEntry[]): string[] => [
  ...new Set(history.filter((entry) => !entry.finished && !entry.rolledBack).map((entry) => entry.name)),
];

const entryOf = (history: readonly HistoryEntry[], { name }: Pick<Folder, "name">): HistoryEntry | undefined =>
  history.find((entry) => entry.name === name && entry.finished && !entry.rolledBack);
