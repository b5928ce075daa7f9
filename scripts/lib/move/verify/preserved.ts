/**
 * Tables of the target that a move leaves alone: a hash of each row is kept before it begins, so that afterwards every row that is
 * gone or changed can be named.
 */
import type { Queryable } from "../../db/database.ts";
import { quoteName } from "../../db/quote.ts";
import { keyOf, type Table } from "../catalog-types.ts";
import { shapeOf } from "./canonical.ts";
import { hashedRows, needsConversion } from "./hashes.ts";
import type { Findings } from "./verdict.ts";

/** Of one row of migration_effects. */
const KEPT_ROWS = 5_000;
const LISTED_KEYS = 5;

/** Keeps what a table holds now, for run `runId`; what was kept already stays. `tx` has canonical settings. */
export async function keepPreserved(tx: Queryable, runId: number, schema: string, table: Table): Promise<void> {
  const { rowCount } = await tx.query(
    `insert into migration_effects (run_id, table_name, row_id, action)
     values ($1, $2, 'rows', 'preserve')
         on conflict do nothing`,
    [runId, nameOf(schema, table)],
  );
  if (rowCount === 0) return;
  await tx.query(
    `insert into migration_effects (run_id, table_name, row_id, action, before)
     select $1, $2, 'rows ' || page, 'preserve', jsonb_agg(jsonb_build_array(key, hash))
       from (select key, hash::text, (row_number() over () - 1) / ${KEPT_ROWS} as page from (${await rowsOf(tx, schema, table)}) hashed) paged
   group by page`,
    [runId, nameOf(schema, table)],
  );
}

interface Row extends Record<string, unknown> {
  readonly what: "gone" | "changed" | "ours" | "added";
  readonly count: string;
  readonly keys: readonly string[];
}

/**
 * Compares a table with what run `runId` kept of it. A row that a transaction of ours has changed is a problem; one that somebody
 * else has is information, and so is one that is gone, where `guarded` says that the database refused us all the while.
 */
export async function checkPreserved(
  tx: Queryable,
  { runId, schema, table, guarded }: { runId: number; schema: string; table: Table; guarded: boolean },
): Promise<Findings> {
  const name = nameOf(schema, table);
  const shown = `${schema}.${table.name}`;
  const kept = await tx.query(
    "select from migration_effects where run_id = $1 and table_name = $2 and row_id = 'rows'",
    [runId, name],
  );
  if (kept.rows.length === 0)
    return { problems: [`${shown}: nothing is known of what it held before`], information: [] };
  const { rows } = await tx.query<Row>(comparison(await rowsOf(tx, schema, table)), [runId, name]);
  const lines = (wanted: readonly Row["what"][]) =>
    rows.filter(({ what }) => wanted.includes(what)).map((row) => lineOf(shown, row));
  const wrong: Row["what"][] = guarded ? ["ours"] : ["ours", "gone"];
  const known: Row["what"][] = guarded ? ["gone", "changed", "added"] : ["changed", "added"];
  return { problems: lines(wrong), information: lines(known) };
}

/** A row's transaction wrote a row of our journal too, where it was ours. */
const comparison = (now: string): string => `
  with before as materialized (
         select kept ->> 0 as key, (kept ->> 1)::bigint as hash
           from migration_effects e, jsonb_array_elements(e.before) kept
          where e.run_id = $1 and e.table_name = $2 and e.action = 'preserve'),
       ours as materialized (
         select xmin::text as id from migration_effects where run_id >= $1
          union
         select xmin::text from migration_checkpoints),
       compared as (
         select coalesce(before.key, now.key) as key,
                case
                  when now.key is null then 'gone'
                  when now.id in (select id from ours) then 'ours'
                  when before.key is null then 'added'
                  else 'changed'
                end as what
           from before
           full join (${now}) now on now.key = before.key
          where before.hash is distinct from now.hash)
  select what, count(*) as count, (array_agg(key order by key collate "C"))[1:${LISTED_KEYS}] as keys
    from compared
group by what
order by what`;

const WORDS = {
  gone: "rows are gone",
  changed: "rows were changed by somebody else",
  ours: "rows were changed by this move",
  added: "rows were added by somebody else",
} as const;

const lineOf = (name: string, { what, count, keys }: Row): string =>
  `${name}: ${count} ${WORDS[what]}: ${keys.join("; ")}${Number(count) > keys.length ? "; …" : ""}`;

/** A table's rows as `key`, `hash` and `id`, their transaction. */
async function rowsOf(tx: Queryable, schema: string, table: Table): Promise<string> {
  const relation = `${quoteName(schema)}.${quoteName(table.name)}`;
  const rows = { relation, side: "target", where: "true", convert: await needsConversion(tx) } as const;
  return hashedRows(rows, shapeOf(table, table, keyOf(table)));
}

/** As a page's note names a table, too. */
const nameOf = (schema: string, { name }: Table): string => `${quoteName(schema)}.${quoteName(name)}`;
