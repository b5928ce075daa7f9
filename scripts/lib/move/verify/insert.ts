/**
 * Whether the next row can be inserted: sequence, identity and defaults are tried out with a row that is rolled back. A sequence
 * goes on by one number all the same, as it does for every insert that fails.
 */
import pg from "pg";
import type { Database, Queryable } from "../../db/database.ts";
import { describeError, sqlStateOf } from "../../db/pg-errors.ts";
import { quoteName } from "../../db/quote.ts";
import { inTransaction } from "../../db/transaction.ts";
import type { Column, Table } from "../catalog-types.ts";
import { listNames } from "../range-sql.ts";
import { fillsItself, valueFor } from "./made-up.ts";
import type { Findings } from "./verdict.ts";

const LOCK_TIMEOUT_MS = 5_000;

const FOREIGN_KEY = "23503"; // checked when the row is stored already: all that is tried out has passed
const UNIQUE = "23505";
/** Of what the row was made of, not of what it was made for: a check, an exclusion, a trigger's own refusal, the end of a type. */
const ABOUT_THE_ROW = new Set(["22003", "22008", "23502", "23514", "23P01", "P0001"]);

/** Thrown to take the row back. */
class Undo extends Error {}

/** Inserts a row into a table of the target and takes it back. */
export async function tryInsert(target: Database, schema: string, table: Table): Promise<Findings> {
  const proves = table.columns.some(fillsItself);
  let refusal: string | undefined;
  // The fewest values clash with the fewest constraints; a row that is like another passes the checks that the other has passed.
  for (const which of [needsValue, (column: Column) => !fillsItself(column)]) {
    const error = await attempt(target, schema, table, table.columns.filter(which));
    if (error === undefined || sqlStateOf(error) === FOREIGN_KEY) return { problems: [], information: [] };
    if (!isAboutTheRow(error, table)) return { problems: [`no row can be inserted: ${why(error)}`], information: [] };
    refusal = why(error);
  }
  const line = `an insert could not be tried, for want of a row that is allowed: ${refusal}`;
  return proves ? { problems: [line], information: [] } : { problems: [], information: [line] };
}

const needsValue = (column: Column): boolean => column.notNull && !fillsItself(column);

/** What the server says of the row; undefined where it takes it. */
async function attempt(target: Database, schema: string, table: Table, columns: readonly Column[]): Promise<unknown> {
  try {
    await inTransaction(target, { lockTimeoutMs: LOCK_TIMEOUT_MS }, async (tx) => {
      await insertOne(tx, `${quoteName(schema)}.${quoteName(table.name)}`, table, columns);
      throw new Undo();
    });
  } catch (error) {
    return error instanceof Undo ? undefined : error;
  }
}

async function insertOne(tx: Queryable, relation: string, table: Table, columns: readonly Column[]): Promise<void> {
  const { rows } = await tx.query(`select from ${relation} limit 1`);
  const empty = rows.length === 0;
  const values = columns.map((column) => {
    const value = valueFor(column, table, relation, { empty });
    if (value === undefined) throw new NothingToTry(`no ${column.type} is made up for ${column.name}`);
    return value;
  });
  const names = listNames(columns.map(({ name }) => name));
  await tx.query(
    columns.length === 0
      ? `insert into ${relation} default values`
      : `insert into ${relation} (${names}) select ${values.join(", ")}${empty ? "" : ` from ${relation} r limit 1`}`,
  );
}

class NothingToTry extends Error {}

function isAboutTheRow(error: unknown, table: Table): boolean {
  if (error instanceof NothingToTry) return true;
  const state = sqlStateOf(error) ?? "";
  return ABOUT_THE_ROW.has(state) || (state === UNIQUE && !fillsAll(error, table));
}

/** Whether the columns of the violated constraint are all filled by the database: then the next insert fails as well. */
function fillsAll(error: unknown, { constraints, columns }: Table): boolean {
  const name = error instanceof pg.DatabaseError ? error.constraint : undefined;
  const violated = constraints.find((constraint) => constraint.name === name)?.columns ?? [];
  const itself = new Set(columns.filter(fillsItself).map((column) => column.name));
  return violated.length > 0 && violated.every((column) => itself.has(column));
}

const why = (error: unknown): string => describeError(error);
