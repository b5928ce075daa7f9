import { readFile } from "node:fs/promises";
import { relative } from "node:path";
import pg from "pg";
import type { Address } from "./db/address.ts";
import { cancelOnAbort } from "./db/cancel.ts";
import { openConnection } from "./db/database.ts";
import { describeError, sqlStateOf } from "./db/pg-errors.ts";
import { MustWait, RunFailed } from "./errors.ts";

export interface ScriptOptions {
  /** Custom settings such as `backfill.run_id`, which the script reads with `current_setting`. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Told each `raise notice` as it comes. */
  readonly onNotice?: (line: string) => void;
  /** Cancels the statement that runs; what the script's transaction did is rolled back. */
  readonly signal?: AbortSignal;
}

export interface ScriptResult {
  /** The rows of each statement that returns some, in order. */
  readonly resultSets: readonly (readonly pg.QueryResultRow[])[];
  readonly notices: readonly string[];
}

/**
 * Runs a `.sql` file as `psql -f` would, on a connection of its own. Throws MustWait where the script refuses because of a
 * lock (SQLSTATE 55P03), else RunFailed with the file, the line where PostgreSQL names one, and its message.
 */
export async function runSqlScript(address: Address, path: string, options: ScriptOptions = {}): Promise<ScriptResult> {
  const { settings = {}, onNotice, signal } = options;
  const sql = withoutPsqlCommands(await readFile(path, "utf8"));
  const notices: string[] = [];
  const connection = await openConnection(address);
  connection.on("notice", ({ message = "" }) => {
    notices.push(message);
    onNotice?.(message);
  });
  const stopListening = cancelOnAbort(connection, address, signal);
  try {
    for (const [name, value] of Object.entries(settings))
      await connection.query("select set_config($1, $2, false)", [name, value]);
    signal?.throwIfAborted();
    const answer: pg.QueryResult | pg.QueryResult[] = await connection.query(sql);
    const results = Array.isArray(answer) ? answer : [answer];
    return { resultSets: results.filter(({ fields }) => fields.length > 0).map(({ rows }) => rows), notices };
  } catch (error) {
    signal?.throwIfAborted();
    throw explainScriptError(error, path, sql);
  } finally {
    stopListening();
    await connection.end();
  }
}

/** A script without psql's own commands. Their lines stay, empty, so that line numbers hold. */
export const withoutPsqlCommands = (sql: string): string => sql.replace(/^\\.*$/gm, "");

/** The error with file and line: MustWait where the script refuses because of a lock, else RunFailed. */
export function explainScriptError(error: unknown, path: string, sql: string): unknown {
  if (!(error instanceof pg.DatabaseError)) return error;
  const line = error.position === undefined ? "" : `:${sql.slice(0, Number(error.position)).split("\n").length}`;
  const message = `${relative(process.cwd(), path)}${line}: ${describeError(error)}`;
  return sqlStateOf(error) === "55P03"
    ? new MustWait(message, { cause: error })
    : new RunFailed(message, { cause: error });
}
