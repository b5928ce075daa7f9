import { fileURLToPath } from "node:url";
import { runSqlScript, type ScriptResult } from "../../../scripts/lib/sql-script.ts";
import type { TestDatabase } from "../../helpers/database.ts";

const FOLDERS = {
  3: "20251109_backfill_customers",
  4: "20251110_backfill_conversations_messages",
  6: "20251112_backfill_umnico_conversations",
  7: "20251113_backfill_freshchat_messages",
  8: "20251114_sync_wildberries_chats",
  10: "20251116_migrate_business_data",
} as const;

export type DataBatch = keyof typeof FOLDERS;

export const fileOf = (batch: DataBatch, name: "rollback" | "verify"): string =>
  fileURLToPath(new URL(`../../../prisma/migrations/${FOLDERS[batch]}/${name}.sql`, import.meta.url));

/** Runs a batch's rollback.sql; with `runId` only for that run. */
export const rollBack = (
  { address }: Pick<TestDatabase, "address">,
  batch: DataBatch,
  runId?: number | string | null,
): Promise<ScriptResult> =>
  runSqlScript(address, fileOf(batch, "rollback"), {
    settings: runId === undefined || runId === null ? {} : { "backfill.run_id": String(runId) },
  });

/** What it kept, and why. */
export const keptOf = ({ resultSets }: ScriptResult): unknown[] =>
  (resultSets.at(-1) ?? []).map(({ table_name, row_id, reason }) => [table_name, row_id, reason]);
