/** The `schema` step from a file, for a source that can't show how its tables are made. */
import { readFile } from "node:fs/promises";
import { relative } from "node:path";
import pg from "pg";
import type { Address } from "../db/address.ts";
import { openConnection, type Queryable } from "../db/database.ts";
import { describeError } from "../db/pg-errors.ts";
import { quoteName } from "../db/quote.ts";
import { RunFailed, UserError } from "../errors.ts";
import { splitStatements } from "../schema/statements.ts";
import { withSearchPath } from "./catalog.ts";
import { type Drops, dropExisting } from "./drop.ts";
import { noteMade } from "./made.ts";

export interface FileSchema {
  /** What is made is noted as that run's. */
  readonly runId: number;
  /** Where tables are made that the file names without a schema. */
  readonly schema: string;
  /** What goes first, and into which schema the preserved tables are copied. */
  readonly drops?: Drops | undefined;
  readonly copies: string;
  /** Those that must be there afterwards. */
  readonly tables: readonly string[];
}

/** A file that ends our transaction would leave the first half of its work where the second fails. */
const TRANSACTION = /^(begin|commit|rollback|abort|start\s+transaction|prepare\s+transaction)\b/i;

/** Reads a file of statements, as `pg_dump --schema-only` writes them too. Throws a UserError where it can't be used. */
export async function readSchemaFile(path: string): Promise<string> {
  const text = await readFile(path, "utf8").catch((cause: unknown) => {
    throw new UserError(`--schema-file: can't read ${path}.`, { cause });
  });
  // What only psql understands; the lines stay, so that their numbers hold.
  const sql = text.replace(/^\\.*$/gm, "");
  const ending = splitStatements(sql).find((statement) => TRANSACTION.test(statement));
  if (ending !== undefined)
    throw new UserError(
      `--schema-file: take "${ending.split(/\s/)[0]}" out of ${path}: all of it runs as one transaction.`,
    );
  return sql;
}

/**
 * Runs the file's text and what goes before it as one transaction, on a connection of its own: a dump changes its session's settings.
 * Throws RunFailed where a statement fails, or where a table is not in the schema afterwards; nothing is changed then.
 */
export async function runSchemaFile(address: Address, path: string, sql: string, options: FileSchema): Promise<void> {
  const connection = await openConnection(address);
  try {
    await connection.query("begin");
    const { schema, drops, copies, tables } = options;
    await noteMade(connection, options, async () => {
      if (drops !== undefined) await dropExisting(connection, schema, drops, copies);
      if (!/\bcreate\s+schema\b/i.test(sql)) await connection.query(`create schema if not exists ${quoteName(schema)}`);
      await withSearchPath(connection, schema, async () => {
        await connection.query(sql);
      }).catch((error: unknown) => {
        throw explain(error, path, sql);
      });
      await checkMade(connection, path, schema, tables);
    });
    await connection.query("commit");
  } finally {
    // A transaction that was not committed goes with its connection.
    await connection.end();
  }
}

function explain(error: unknown, path: string, sql: string): unknown {
  if (!(error instanceof pg.DatabaseError)) return error;
  const line = error.position === undefined ? "" : `:${sql.slice(0, Number(error.position)).split("\n").length}`;
  return new RunFailed(`${relative(process.cwd(), path)}${line}: ${describeError(error)}`, { cause: error });
}

async function checkMade(db: Queryable, path: string, schema: string, tables: readonly string[]): Promise<void> {
  const { rows } = await db.query<{ name: string }>(
    "select tablename as name from pg_catalog.pg_tables where schemaname = $1",
    [schema],
  );
  const missing = tables.filter((table) => rows.every(({ name }) => name !== table));
  if (missing.length > 0)
    throw new RunFailed(
      `${relative(process.cwd(), path)} made no ${missing.join(", ")} in schema ${schema}: nothing was changed. A file that writes another schema's name before its tables makes them there.`,
    );
}
