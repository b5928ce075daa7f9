import type { Queryable } from "../db/database.ts";
import { splitStatements } from "./statements.ts";

const NAME = String.raw`(?:"(?:[^"]|"")+"|[a-z_][\w$]*)`;
const CREATE_INDEX = new RegExp(
  String.raw`^create\s+(unique\s+)?index\s+if\s+not\s+exists\s+(${NAME})\s+on\s+(?:only\s+)?(${NAME}(?:\.${NAME})?)\s*([\s\S]+)$`,
  "i",
);

/** A `create [unique] index if not exists … on …` of a migration.sql. */
export interface IndexStatement {
  readonly name: string;
  /** What people call it, where it has another name while it is built. */
  readonly finalName?: string;
  /** As it stands in the statement: quoted where it must be. */
  readonly table: string;
  /** The same statement, for building the index without blocking writers. */
  readonly concurrently: string;
}

/** "missing" also where the table itself is. "invalid": an interrupted build left it, and no query uses it. */
export type IndexState = "valid" | "invalid" | "missing";

export function indexStatements(sql: string): IndexStatement[] {
  return splitStatements(sql).flatMap((statement) => {
    const [found, unique = "", name = "", table = "", rest = ""] = CREATE_INDEX.exec(statement) ?? [];
    if (found === undefined) return [];
    const concurrently = `create ${unique}index concurrently if not exists ${name} on ${table} ${rest}`;
    return [{ name: nameOf(name), table, concurrently }];
  });
}

/** How the index of a statement stands. Only reads. */
export async function indexState(db: Queryable, { name, table }: IndexStatement): Promise<IndexState> {
  const { rows } = await db.query<{ valid: boolean }>(
    `select x.indisvalid as valid
       from pg_class c
       join pg_index x on x.indexrelid = c.oid
      where c.relname = $1
        and c.relnamespace = (select relnamespace from pg_class where oid = to_regclass($2))`,
    [name, table],
  );
  if (rows[0] === undefined) return "missing";
  return rows[0].valid ? "valid" : "invalid";
}

/** Those of the statements whose index is not there, or not fit for use. */
export async function pendingIndexes(db: Queryable, statements: readonly IndexStatement[]): Promise<IndexStatement[]> {
  const pending: IndexStatement[] = [];
  for (const statement of statements) if ((await indexState(db, statement)) !== "valid") pending.push(statement);
  return pending;
}

const nameOf = (written: string): string =>
  written.startsWith('"') ? written.slice(1, -1).replaceAll('""', '"') : written.toLowerCase();
