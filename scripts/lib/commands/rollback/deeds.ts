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

/** What the transaction has done since `things` were read. Of a table that it dropped, `brought` tells how many rows went with it. */
export async function readDeeds(
  tx: Queryable,
  { things, brought }: { readonly things: readonly Thing[]; readonly brought: ReadonlyMap<string, number> },
  { kept, notices }: Pick<Deeds, "kept" | "notices">,
): Promise<Deeds> {
  // Asked first: what follows only reads.
  const { rows: touched } = await tx.query<Touched>(TOUCHED);
  const after = await readThings(tx);
  const dropped = without(things, after);
  const gone = dropped.filter(({ kind, name }) => kind === "table" && (brought.get(name) ?? 0) > 0);
  return {
    touched: [...touched, ...gone.map(({ name }) => wholeOf(name, brought.get(name) ?? 0))],
    dropped,
    made: without(after, things),
    kept,
    notices,
  };
}

const wholeOf = (name: string, removed: number): Touched => ({
  oid: "dropped",
  name,
  removed,
  restored: 0,
  putBack: 0,
  isRecord: false,
});

function without(things: readonly Thing[], others: readonly Thing[]): Thing[] {
  const nameOf = ({ kind, name, table_name }: Thing) => JSON.stringify([kind, name, table_name]);
  const known = new Set(others.map(nameOf));
  const rest = things.filter((thing) => !known.has(nameOf(thing)));
  const whole = new Set(rest.filter(({ table_name }) => table_name === null).map(({ name }) => name));
  return rest.filter(({ table_name }) => table_name === null || !whole.has(table_name));
}
