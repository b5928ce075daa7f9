/** Moves the target's sequences on, so that the next insert does not meet a row that was copied. */
import type { Queryable } from "../../db/database.ts";
import { quoteName } from "../../db/quote.ts";
import { readSql } from "../../sql-file.ts";
import type { Move, Moved } from "./tables.ts";

const SEQUENCES = readSql(new URL("sequences.sql", import.meta.url));

interface Used {
  readonly column_name: string;
  readonly schema_name: string;
  readonly sequence_name: string;
  readonly counted: boolean;
  readonly counts_up: boolean;
}

/**
 * Moves every sequence of the copied tables behind their highest value (or lowest, where it counts down), and where the source
 * tells, as far as its own; none ever moves back. Returns how many were moved.
 */
export async function advanceSequences(tx: Queryable, move: Move): Promise<number> {
  let moved = 0;
  for (const table of move.levels.flat()) {
    const { rows } = await tx.query<Used & Record<string, unknown>>(SEQUENCES, [table.target]);
    for (const used of rows) if (await advance(tx, used, table, lastAtSource(move, table, used))) moved += 1;
  }
  return moved + (await advanceOthers(tx, move));
}

/** Those that serve no column, by name. */
async function advanceOthers(tx: Queryable, { catalog, schema }: Move): Promise<number> {
  let moved = 0;
  for (const { name, ownedBy, last } of catalog.sequences) {
    if (ownedBy !== null || typeof last !== "string") continue;
    const target = `${schema}.${quoteName(name)}`;
    const { rows } = await tx.query<{ there: boolean }>("select to_regclass($1) is not null as there", [target]);
    if (rows[0]?.there && (await setSequence(tx, target, null, last))) moved += 1;
  }
  return moved;
}

function lastAtSource({ catalog }: Move, { table }: Moved, { column_name, sequence_name }: Used): string | null {
  const own = catalog.sequences.find(({ ownedBy }) => ownedBy?.table === table.name && ownedBy.column === column_name);
  return (own ?? catalog.sequences.find(({ name }) => name === sequence_name))?.last ?? null;
}

async function advance(tx: Queryable, used: Used, { target }: Moved, last: string | null): Promise<boolean> {
  const { schema_name, sequence_name, column_name, counted, counts_up } = used;
  const column = quoteName(column_name);
  const asked = `select ${counts_up ? "max" : "min"}(${column})::text as extreme from ${target}`;
  const { rows } = counted ? await tx.query<{ extreme: string | null }>(asked) : { rows: [] };
  return setSequence(tx, `${quoteName(schema_name)}.${quoteName(sequence_name)}`, rows[0]?.extreme ?? null, last);
}

/** Whether it had to be moved. A value outside of its bounds is left to whoever set them. */
async function setSequence(tx: Queryable, sequence: string, here: string | null, there: string | null) {
  const { rows } = await tx.query(
    `select setval(seqrelid, wanted::bigint)
       from ${sequence} as now
      cross join (select *, case when seqincrement > 0 then greatest($2::numeric, $3::numeric)
                                 else least($2::numeric, $3::numeric) end as wanted
                    from pg_sequence
                   where seqrelid = $1::regclass) own
      where wanted between seqmin and seqmax
        and (wanted = last_value and not is_called
          or case when seqincrement > 0 then wanted > last_value else wanted < last_value end)`,
    [sequence, here, there],
  );
  return rows.length > 0;
}
