/**
 * Builds indexes without blocking writers, and marks them as made by us. A mark can't be written in the statement that
 * builds: an index gets its own name together with its mark, so that a run that is killed between the two leaves
 * nothing that could be taken for an index which was there before.
 */

import { quoteName } from "../db/quote.ts";
import { inTransaction } from "../db/transaction.ts";
import { type Builder, buildIndexes } from "./build-indexes.ts";
import { type IndexStatement, indexState, pendingIndexes } from "./indexes.ts";

const BUILDING = "_building";
const MAX_NAME_BYTES = 63;

/**
 * Builds those of a folder's indexes that are missing or invalid. Those of empty tables are left to the folder's file,
 * unless it was applied before.
 */
export async function buildMarkedIndexes(
  builder: Builder,
  statements: readonly IndexStatement[],
  { mark, applied = false }: { readonly mark: string; readonly applied?: boolean },
): Promise<void> {
  for (const statement of await pendingIndexes(builder.db, statements)) {
    const draft = draftOf(statement);
    // What an earlier run left, finished or not.
    await dropIndex(builder, draft.name);
    if ((await indexState(builder.db, statement)) === "invalid") await dropIndex(builder, statement.name);
    await buildIndexes(builder, [draft]);
    if ((await indexState(builder.db, draft)) !== "valid") {
      if (!applied) continue;
      await builder.db.query(draft.concurrently);
    }
    await inTransaction(builder.db, {}, async (tx) => {
      await tx.query(`alter index ${quoteName(draft.name)} rename to ${quoteName(statement.name)}`);
      await tx.query(`comment on index ${quoteName(statement.name)} is '${mark}'`);
    });
  }
}

/** The same index under the name that it has while it is built. */
function draftOf({ name, table, concurrently }: IndexStatement): IndexStatement {
  const draft = name.slice(0, MAX_NAME_BYTES - BUILDING.length) + BUILDING;
  const written = concurrently.includes(quoteName(name)) ? quoteName(name) : name;
  return { name: draft, finalName: name, table, concurrently: concurrently.replace(written, () => quoteName(draft)) };
}

const dropIndex = async ({ db }: Builder, name: string): Promise<void> => {
  await db.query(`drop index concurrently if exists ${quoteName(name)}`);
};
