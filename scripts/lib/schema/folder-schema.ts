import type { Context, PageResult, Schema } from "../task.ts";
import { applyFolders } from "./engine.ts";
import { type Folder, foldersOf } from "./folders.ts";
import { isApplied, isChanged, readHistory } from "./history.ts";
import { indexStatements, pendingIndexes } from "./indexes.ts";
import { buildMarkedIndexes } from "./marked-indexes.ts";

/** The schema of a batch whose folder of `prisma/migrations/` is all it needs: applied once, as Prisma would. */
export function folderSchema(batchName: string): Schema<unknown> {
  return {
    async plan(context) {
      const { folders, pending } = await look(context, batchName);
      for (const folder of pending) context.say(await announce(context, folder));
      return resultOf(folders, pending);
    },

    async apply(context) {
      const { folders, pending } = await look(context, batchName);
      for (const { name, sql } of pending)
        await buildMarkedIndexes(context, indexStatements(sql), { mark: `crm-migrations: made by ${name}` });
      await applyFolders(context.db.address, pending);
      return resultOf(folders, pending);
    },
  };
}

/** The batch's folders, and those of them that are not applied yet. Warns of files that were changed afterwards. */
async function look({ db, say }: Context, batchName: string): Promise<{ folders: Folder[]; pending: Folder[] }> {
  const [folders, history] = await Promise.all([foldersOf(batchName), readHistory(db)]);
  for (const folder of folders)
    if (isChanged(history, folder))
      say(`Warning: prisma/migrations/${folder.name}/migration.sql was changed after it was applied.`);
  return { folders, pending: folders.filter((folder) => !isApplied(history, folder)) };
}

async function announce({ db }: Context, { name, sql }: Folder): Promise<string> {
  const missing = await pendingIndexes(db, indexStatements(sql));
  const indexes = missing.map((index) => index.name).join(", ");
  return `Would apply ${name}${indexes === "" ? "" : `, which makes the index${missing.length > 1 ? "es" : ""} ${indexes}`}.`;
}

const resultOf = (folders: readonly Folder[], pending: readonly Folder[]): PageResult => ({
  fetched: folders.length,
  created: pending.length,
  unchanged: folders.length - pending.length,
});
