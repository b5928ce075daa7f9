/** What a rollback does, as PostgreSQL counts it. */
import type { Queryable } from "../../db/database.ts";
import { readSql } from "../../sql-file.ts";

const TOUCHED = readSql(new URL("touched.sql", import.meta.url));
const THINGS = readSql(new URL("things.sql", import.meta.url));

/** What was done to the rows of a table. */
export interface Touched {
  readonly oid: string;
  readonly name: string;
  readonly removed: number;
  /** Updated: a value was given back. */
  readonly restored: number;
  /** Inserted: a row was given back. */
  readonly putBack: number;
  /** The table is one of the suite's own records. */
  readonly isRecord: boolean;
}

/** A table, a part of one, a function or a type. */
export interface Thing {
  readonly kind: string;
  readonly name: string;
  /** The table that it goes with. */
  readonly table_name: string | null;
  /** A schema batch made it. */
  readonly ours: boolean;
}

/** A row that stays, and why. */
export interface Kept {
  readonly table_name: string;
  readonly row_id: string;
  readonly reason: string;
}

export interface Deeds {
  readonly touched: readonly Touched[];
  /** Without the parts of tables that go whole. */
  readonly dropped: readonly Thing[];
  readonly made: readonly Thing[];
  readonly kept: readonly Kept[];
  /** What the script said meanwhile. */
  readonly notices: readonly string[];
}

/** What is there at this moment. */
export const readThings = async (tx: Queryable): Promise<Thing[]> => (await tx.query<Thing>(THINGS)).rows;

/** What the transaction has done since `before` was read. */
export async function readDeeds(
  tx: Queryable,
  before: readonly Thing[],
  { kept, notices }: Pick<Deeds, "kept" | "notices">,
): Promise<Deeds> {
  // Asked first: what follows only reads.
  const { rows: touched } = await tx.query<Touched>(TOUCHED);
  const after = await readThings(tx);
  return { touched, dropped: without(before, after), made: without(after, before), kept, notices };
}

function without(things: readonly Thing[], others: readonly Thing[]): Thing[] {
  const nameOf = ({ kind, name, table_name }: Thing) => JSON.stringify([kind, name, table_name]);
  const known = new Set(others.map(nameOf));
  const rest = things.filter((thing) => !known.has(nameOf(thing)));
  const whole = new Set(rest.filter(({ table_name }) => table_name === null).map(({ name }) => name));
  return rest.filter(({ table_name }) => table_name === null || !whole.has(table_name));
}
