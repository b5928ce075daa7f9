import type { Queryable } from "../db/database.ts";
import { quoteName } from "../db/quote.ts";

/** Blocks that are read to find where a range is to be cut: a few megabytes, however large the table is. */
const SAMPLED_BLOCKS = 1_000;

/** A range of a table's keys, as SQL. */
export interface KeyRange {
  readonly table: string;
  /** The expression that is sampled, such as a column. */
  readonly key: string;
  /** What rows of the range fulfil; its parameters are `values`. */
  readonly where: string;
  readonly values: readonly unknown[];
}

/**
 * Keys that exist and cut a range into about `parts` equal stretches: in order, each the last of its stretch; fewer where the
 * range holds less than `parts` times `items`. Found in a sample of the table's blocks.
 */
export async function sampleCuts(
  db: Queryable,
  { table, key, where, values }: KeyRange,
  parts: number,
  items: number,
): Promise<string[]> {
  const percent = await percentToSample(db, table);
  const [p, n, i] = [1, 2, 3].map((place) => `$${values.length + place}`);
  const { rows } = await db.query<{ key: string }>(
    `with sample as materialized (
       select ${key} as key
         from ${quoteName(table)} tablesample system (${p})
        where ${where}),
     wanted as (
       select least(${n}::int, floor(count(*) * 100 / ${p} / ${i}::int))::int as parts
         from sample),
     numbered as (
       select key, row_number() over (order by key) as place, count(*) over () as sampled,
              first_value(key) over (order by key desc) as last
         from sample)
     select distinct key
       from numbered
       join wanted on place in (select ceil(sampled::numeric * cut / parts) from generate_series(1, parts - 1) cut)
      where key <> last
   order by key`,
    [...values, percent, parts, items],
  );
  return rows.map((row) => row.key);
}

async function percentToSample(db: Queryable, table: string): Promise<number> {
  const { rows } = await db.query<{ blocks: number }>(
    `select (pg_relation_size($1::regclass) / current_setting('block_size')::int)::int as blocks`,
    [quoteName(table)],
  );
  return Math.min(100, (100 * SAMPLED_BLOCKS) / Math.max(1, rows[0]?.blocks ?? 1));
}
