/** One of two databases that are compared, as far as one table goes. */
import type { Queryable } from "../../db/database.ts";
import { quoteName } from "../../db/quote.ts";
import type { Since } from "../catalog-types.ts";
import { rangeCondition } from "../range-sql.ts";
import type { Shape } from "./canonical.ts";
import { IN_ORDER, type RowHash, type Rows, rowsSelect, type Sums, sumUp } from "./hashes.ts";

/** Hashes that are held at a time. */
const FETCHED_ROWS = 2_000;

export interface Side {
  /** Every row, added up by bucket. */
  sums(): Promise<Sums>;
  /** The rows of these buckets in the order of their keys' hashes. */
  rows(buckets: readonly number[]): AsyncGenerator<RowHash, void>;
}

/** Which table of a database is read, and how. */
export interface TableRows extends Pick<Rows, "side" | "convert"> {
  readonly schema: string;
  readonly table: string;
  /** Only rows that are as late as this. */
  readonly since?: Since | undefined;
}

/** A table that SQL can reach. `tx` is a transaction with one snapshot and canonical settings. */
export function tableSide(tx: Queryable, { schema, table, since, ...how }: TableRows, shape: Shape): Side {
  const relation = `${quoteName(schema)}.${quoteName(table)}`;
  const rows = { ...how, relation, where: rangeCondition([], { table, since, after: null, until: null }) };
  return {
    sums: () => sumUp(tx, rows, shape),
    rows: (buckets) => readOrdered(tx, rowsSelect(rows, shape), [buckets]),
  };
}

/** Reads hashes in their order through a cursor: however many there are, few are held. */
export async function* readOrdered(
  tx: Queryable,
  select: string,
  values: readonly unknown[],
): AsyncGenerator<RowHash, void> {
  await tx.query(`declare verified_rows no scroll cursor for ${select} ${IN_ORDER}`, values);
  let usable = true;
  try {
    for (;;) {
      const { rows } = await tx.query<{ hash: string; key: string; columns: string }>(
        `fetch ${FETCHED_ROWS} from verified_rows`,
      );
      for (const { hash, key, columns } of rows) yield { hash: BigInt(hash), key, columns };
      if (rows.length === 0) return;
    }
  } catch (error) {
    usable = false;
    throw error;
  } finally {
    if (usable) await tx.query("close verified_rows");
  }
}
