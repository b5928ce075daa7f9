/** Hashes of rows, made by PostgreSQL: only they travel, eight bytes a row or a column. */
import type { Queryable } from "../../db/database.ts";
import type { Compared, Shape } from "./canonical.ts";

/** Rows are summed up by the lowest bits of their key's hash. */
export const BUCKETS = 65_536;

/** The rows of a bucket: how many, and the sum of their hashes. */
export interface Sum {
  readonly rows: number;
  readonly hash: bigint;
}

export type Sums = ReadonlyMap<number, Sum>;

/** A row by the hashes of its columns. */
export interface RowHash {
  /** Of the key. */
  readonly hash: bigint;
  /** The key's columns as an array that PostgreSQL has written. */
  readonly key: string;
  /** The columns' hashes, likewise. */
  readonly columns: string;
}

/** The rows of a table, or of what was loaded of one. */
export interface Rows {
  /** Quoted. */
  readonly relation: string;
  readonly side: "source" | "target";
  /** Which of its rows are meant, as SQL. */
  readonly where: string;
  /** The server's encoding is not UTF-8: its bytes are not what is hashed. */
  readonly convert: boolean;
}

/** Whether a server keeps its texts in another encoding. */
export async function needsConversion(db: Queryable): Promise<boolean> {
  const { rows } = await db.query<{ name: string }>("select current_setting('server_encoding') as name");
  return rows[0]?.name !== "UTF8";
}

/** Adds up the hashes of all rows by bucket. */
export async function sumUp(db: Queryable, rows: Rows, { key, columns }: Shape): Promise<Map<number, Sum>> {
  const { rows: buckets } = await db.query<{ bucket: number; rows: string; hash: string }>(
    `select (key_hash & ${BUCKETS - 1})::int as bucket, count(*) as rows, sum(row_hash)::text as hash
       from (select ${hashOf(rows, rowOf(rows, key))} as key_hash,
                    ${hashOf(rows, rowOf(rows, columns))} as row_hash
               from ${from(rows)}) hashed
   group by 1`,
  );
  return new Map(buckets.map((sum) => [sum.bucket, { rows: Number(sum.rows), hash: BigInt(sum.hash) }]));
}

/** The select that yields the rows of some buckets ($1) as `hash`, `key` and `columns`, in no order. */
export const rowsSelect = (rows: Rows, { key, columns }: Shape): string =>
  `select hash, key, columns
     from (select ${hashOf(rows, rowOf(rows, key))} as hash,
                  array[${textsOf(rows, key)}]::text[]::text as key,
                  array[${columns.map((column) => hashOf(rows, textOf(rows, column)))}]::bigint[]::text as columns
             from ${from(rows)}) hashed
    where hash & ${BUCKETS - 1} = any ($1)`;

/**
 * The select that yields every row as `key`, `hash` of the whole row and `id` of the transaction that wrote it. Without a key, equal
 * rows are numbered.
 */
export function hashedRows(rows: Rows, { key, columns, keyed }: Shape): string {
  const hash = hashOf(rows, rowOf(rows, columns));
  const name = keyed
    ? `array[${textsOf(rows, key)}]::text`
    : `${hash} || ' #' || row_number() over (partition by ${hash})`;
  return `select ${name} as key, ${hash} as hash, xmin::text as id from ${from(rows)}`;
}

/** The order in which two sides are read beside each other. */
export const IN_ORDER = 'order by hash, key collate "C"';

const from = ({ relation, where }: Rows): string => `${relation} where ${where}`;

const textOf = ({ side }: Rows, column: Compared): string => `(${column[side]})::text`;

const textsOf = (rows: Rows, columns: readonly Compared[]): string =>
  columns.map((column) => textOf(rows, column)).join(", ");

/** A row as text: a null is not an empty text, and no two rows have one text. */
const rowOf = ({ side }: Rows, columns: readonly Compared[]): string =>
  `row(${columns.map((column) => column[side]).join(", ")})::text`;

/** Null for a null. hashtextextended is the same on all servers: PostgreSQL keeps it so for hash partitions. */
const hashOf = ({ convert }: Rows, text: string): string =>
  convert
    ? `('x' || left(md5(convert_to(${text}, 'UTF8')), 16))::bit(64)::bigint`
    : `hashtextextended(${text} collate "C", 0)`;
