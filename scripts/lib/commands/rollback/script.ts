import { readFile } from "node:fs/promises";
import { relative } from "node:path";
import type { BatchEntry } from "../../batches.ts";
import { RunFailed } from "../../errors.ts";
import { listFolders } from "../../schema/folders.ts";
import { splitStatements } from "../../schema/statements.ts";
import { withoutPsqlCommands } from "../../sql-script.ts";

/** A rollback.sql without its `begin` and `commit`: what stands between can be undone, too. Its lines keep their numbers. */
export interface RollbackScript {
  readonly path: string;
  readonly body: string;
}

const BEGIN = /^begin;[ \t]*$/im;
const COMMIT = /^commit;[ \t]*$/im;
const ENDS_OR_BEGINS = /^(begin|start|commit|end|rollback|abort|prepare transaction)\b/i;

/** Reads what takes a batch back: the file of its last folder, for batch 1 never that of the CRM's own tables. */
export async function readRollback({ number, folders }: BatchEntry): Promise<RollbackScript> {
  const name = folders.at(-1);
  const path = (await listFolders()).find((folder) => folder.name === name)?.rollback;
  if (path === undefined)
    throw new RunFailed(`prisma/migrations/${name} has no rollback.sql: batch ${number} can't be rolled back.`);
  return cutScript(path, await readFile(path, "utf8"));
}

/** Cuts a file that is one transaction; throws RunFailed where it is not, for it could then not be rehearsed. */
export function cutScript(path: string, text: string): RollbackScript {
  const sql = withoutPsqlCommands(text);
  const statements = splitStatements(sql);
  const body = sql.replace(BEGIN, "").replace(COMMIT, "");
  const isOne = /^begin$/i.test(statements[0] ?? "") && /^commit$/i.test(statements.at(-1) ?? "");
  if (!isOne || splitStatements(body).some((statement) => ENDS_OR_BEGINS.test(statement)))
    throw new RunFailed(
      `${relative(process.cwd(), path)} is not one transaction from "begin;" to a last "commit;", each on a line of its own: psql alone may run it.`,
    );
  return { path, body };
}
