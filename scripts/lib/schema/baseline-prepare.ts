/**
 * Makes what would block a CRM at work for long, before its migration.sql is applied: first the columns and tables, in one short
 * transaction; then indexes, concurrently; then foreign keys, which are validated while others write. The file itself
 * then finds all of it.
 */
import { type Database, openConnection } from "../db/database.ts";
import { sqlStateOf } from "../db/pg-errors.ts";
import { quoteName } from "../db/quote.ts";
import { MustWait } from "../errors.ts";
import { findForeignKey } from "./baseline-compare.ts";
import { type ForeignKey, MADE, readShape, type Shape } from "./baseline-shape.ts";
import type { Builder } from "./build-indexes.ts";
import type { Folder } from "./folders.ts";
import { indexStatements } from "./indexes.ts";
import { buildMarkedIndexes } from "./marked-indexes.ts";

/** Whoever writes to the CRM queues behind a statement that waits for its table. */
const LOCK_TIMEOUT = "5s";

/** Of the numbered sections of the file: what is here, types, columns and tables, and the mark on what is new. */
const TABLE_SECTIONS = new Set(["1", "2", "3", "4", "5", "8"]);

export async function prepareTables(builder: Builder, folder: Folder, expected: Shape): Promise<void> {
  await alter(builder.db, sectionsOf(folder.sql, TABLE_SECTIONS));
  await buildMarkedIndexes(builder, indexStatements(folder.sql), { mark: MADE });
  const actual = await readShape(builder.db);
  for (const key of expected.foreignKeys) {
    builder.signal.throwIfAborted();
    await makeForeignKey(builder, key, findForeignKey(actual, key));
  }
}

/** The text of those sections that begin with `-- 1. …`. */
export function sectionsOf(sql: string, numbers: ReadonlySet<string>): string {
  const sections = sql.split(/^(?=-- \d+\. )/m);
  return sections.filter((section) => numbers.has(/^-- (\d+)\. /.exec(section)?.[1] ?? "")).join("");
}

async function makeForeignKey({ db, say }: Builder, key: ForeignKey, found: ForeignKey | undefined): Promise<void> {
  if (found?.valid || (await isOurs(db, key.table))) return;
  const name = found?.name ?? key.name;
  const table = `alter table ${quoteName(key.table)}`;
  if (found === undefined) {
    const [column = ""] = key.columns;
    await alter(
      db,
      `${table} add constraint ${quoteName(name)} foreign key (${quoteName(column)}) references ${quoteName(key.parent)} (id)
         on delete ${key.onDelete} on update cascade not valid;
       comment on constraint ${quoteName(name)} on ${quoteName(key.table)} is '${MADE}'`,
    );
  }
  say(`Validating foreign key ${name}; writers are not blocked.`);
  await alter(db, `${table} validate constraint ${quoteName(name)}`);
}

/** A table that we made is empty as yet: its keys are left to the file. */
async function isOurs(db: Database, table: string): Promise<boolean> {
  const { rows } = await db.query("select 1 where obj_description(to_regclass($1), 'pg_class') = $2", [
    quoteName(table),
    MADE,
  ]);
  return rows.length > 0;
}

/** Sends statements as one transaction that doesn't wait long for a lock. */
async function alter({ address }: Database, sql: string): Promise<void> {
  const connection = await openConnection(address);
  try {
    await connection.query(`set lock_timeout = '${LOCK_TIMEOUT}'; set statement_timeout = 0`);
    await connection.query(sql);
  } catch (error) {
    if (sqlStateOf(error) !== "55P03") throw error;
    throw new MustWait(
      "Another session kept a lock on one of the CRM's tables for too long. Run again when it has ended.",
      {
        cause: error,
      },
    );
  } finally {
    await connection.end();
  }
}
