import type { Queryable } from "../../db/database.ts";
import type { Kept } from "./deeds.ts";

/** Of the rows that the runs made in a table. */
export interface RowsLeft {
  readonly oid: string;
  readonly name: string;
  readonly gone: number;
  /** The ids of those that are there, though they are not kept; not more than a few. */
  readonly left: readonly string[];
}

/** The tables of the rows that the ledger noted, as far as they are still there. */
const TARGETS = `
  select c.oid::text as oid, c.oid::regclass::text as sql_name, c.relname as name
    from (select distinct target from crm_rollback_row) noted
    join pg_class c on c.oid = noted.target
    join pg_attribute on attrelid = c.oid and attname = 'id' and not attisdropped`;

/** A row that says of itself which run made it is left as long as it says so; the metadata of one that was there before is given back. */
const rowsLeftIn = (table: string): string => `
  with kept as (
    select row ->> 'row_id' as row_id
      from jsonb_array_elements($2::jsonb) row
     where coalesce(to_regclass(quote_ident(row ->> 'table_name')), to_regclass(row ->> 'table_name'))::oid = $1
  ), noted as (
    select row_id, bool_or(recorded) as recorded from crm_rollback_row where target = $1 group by row_id
  ), seen as (
    select noted.row_id, t.id is not null as there, noted.row_id in (select row_id from kept) as kept,
           recorded or to_jsonb(t) #>> '{metadata,runId}' = any ($3) as theirs
      from noted
      left join ${table} t on t.id::text = noted.row_id
  )
  select count(*) filter (where not there)::int as gone,
         coalesce((array_agg(row_id order by row_id) filter (where there and theirs and not kept))[1:4], '{}') as left
    from seen`;

/** How many of the rows that the runs made are gone, and which are left. */
export async function readRowsLeft(tx: Queryable, runs: readonly string[], kept: readonly Kept[]): Promise<RowsLeft[]> {
  const { rows: targets } = await tx.query<{ oid: string; sql_name: string; name: string }>(TARGETS);
  const found: RowsLeft[] = [];
  for (const { oid, sql_name, name } of targets) {
    const values = [oid, JSON.stringify(kept), runs];
    const { rows } = await tx.query<Pick<RowsLeft, "gone" | "left">>(rowsLeftIn(sql_name), values);
    if (rows[0] !== undefined) found.push({ oid, name, ...rows[0] });
  }
  return found;
}
