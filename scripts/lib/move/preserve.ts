/**
 * Tables that a move leaves alone. PostgreSQL itself refuses whatever our sessions would write there, foreign keys' cascades
 * included; other sessions, which work on, are not touched.
 */
import { APPLICATION_NAME, type Database, type Queryable } from "../db/database.ts";
import { withPatience } from "../db/patience.ts";
import { isTimeout } from "../db/pg-errors.ts";
import { quoteName } from "../db/quote.ts";
import { inTransaction } from "../db/transaction.ts";
import { UserError } from "../errors.ts";
import { readSql } from "../sql-file.ts";

const RELEASE = readSql(new URL("preserve/release.sql", import.meta.url));
/** A trigger is made, and taken away, under a lock for which writers wait in line behind us. */
const LOCK_TIMEOUT_MS = 2_000;

/** What a guard answers; its condition is checked for our sessions only. */
const guardFunction = (): string => `
  create or replace function crm_move_guard() returns trigger
    language plpgsql
    as $guard$
  begin
    if current_setting('application_name') = '${APPLICATION_NAME}' then
      raise exception 'table %.% is preserved: nothing of it is changed', tg_table_schema, tg_table_name
        using errcode = 'object_not_in_prerequisite_state';
    end if;
    if tg_op = 'DELETE' then
      return old;
    end if;
    return new;
  end $guard$`;

/** A table by its schema and its name, unquoted. */
export interface TableName {
  readonly schema: string;
  readonly table: string;
}

/** Guards these tables, and takes the guards of an earlier run off all others. Throws a UserError where one of them is missing. */
export async function guardTables(db: Database, tables: readonly TableName[]): Promise<void> {
  await inPatientTransaction(db, async (tx) => {
    await tx.query(RELEASE);
    if (tables.length > 0) await tx.query(guardFunction());
    for (const table of tables) await guardTable(tx, table);
  });
}

/** Takes all guards away. */
export const releaseTables = (db: Database): Promise<void> =>
  inPatientTransaction(db, async (tx) => {
    await tx.query(RELEASE);
  });

async function guardTable(tx: Queryable, { schema, table }: TableName): Promise<void> {
  const name = `${quoteName(schema)}.${quoteName(table)}`;
  const { rows } = await tx.query<{ there: boolean }>("select to_regclass($1) is not null as there", [name]);
  if (rows[0]?.there !== true) throw new UserError(`--preserve: the target has no table ${schema}.${table}.`);
  const execute = "execute function crm_move_guard()";
  await tx.query(`create trigger crm_move_guard before insert or update or delete on ${name} for each row ${execute}`);
  await tx.query(`create trigger crm_move_guard_truncate before truncate on ${name} for each statement ${execute}`);
  // Also where a session has turned triggers off.
  await tx.query(`alter table ${name} enable always trigger crm_move_guard`);
  await tx.query(`alter table ${name} enable always trigger crm_move_guard_truncate`);
}

const inPatientTransaction = (db: Database, work: (tx: Queryable) => Promise<void>): Promise<void> =>
  withPatience({ mayPass: isTimeout }, () => inTransaction(db, { lockTimeoutMs: LOCK_TIMEOUT_MS }, work));
