import type { Queryable } from "../../db/database.ts";
import { quoteName } from "../../db/quote.ts";
import { readSql } from "../../sql-file.ts";
import type { Findings } from "./verdict.ts";

const DRAWN = readSql(new URL("sequences.sql", import.meta.url));

interface Drawn extends Record<string, unknown> {
  readonly table: string;
  readonly column: string;
  readonly schema: string;
  readonly sequence: string;
  readonly increment: string;
  readonly is_number: boolean;
}

/** Looks for sequences of a table in the target whose next number one of its rows has, or has passed. */
export async function checkSequences(tx: Queryable, schema: string, table: string): Promise<Findings> {
  const { rows } = await tx.query<Drawn>(DRAWN, [schema, [table]]);
  const problems: string[] = [];
  const information: string[] = [];
  for (const drawn of rows) {
    const { column, sequence, is_number } = drawn;
    if (!is_number) {
      information.push(`${column} holds no numbers; where ${sequence} stands can't be told by it`);
      continue;
    }
    const behind = await askSequence(tx, schema, drawn);
    if (behind !== undefined)
      problems.push(
        `sequence ${sequence} is behind: it goes on with ${behind.next}, and ${column} has ${behind.furthest}`,
      );
  }
  return { problems, information };
}

/** The next number as numeric: the last of all has none. */
async function askSequence(
  tx: Queryable,
  schema: string,
  { table, column, schema: place, sequence, increment }: Drawn,
): Promise<{ next: string; furthest: string } | undefined> {
  const down = BigInt(increment) < 0n;
  const { rows } = await tx.query<{ next: string; furthest: string }>(
    `select next::text, furthest::text
       from (select last_value::numeric + case when is_called then $1::numeric else 0 end as next
               from ${quoteName(place)}.${quoteName(sequence)}) stands,
            (select ${down ? "min" : "max"}(${quoteName(column)}) as furthest
               from ${quoteName(schema)}.${quoteName(table)}) held
      where next ${down ? ">=" : "<="} furthest`,
    [increment],
  );
  return rows[0];
}

/** Sequences that stand behind where the source's of the same name are, and that no column tells about. */
export async function checkFreeSequences(
  tx: Queryable,
  schema: string,
  atSource: ReadonlyMap<string, string>,
): Promise<Findings> {
  const problems: string[] = [];
  for (const [name, last] of atSource) {
    const { rows } = await tx.query<{ here: string | null }>(
      `select s.last_value::text as here
         from pg_sequences s
        where s.schemaname = $1
          and s.sequencename = $2
          and ((s.increment_by > 0) = (coalesce(s.last_value, s.start_value - s.increment_by) < $3::bigint))
          and coalesce(s.last_value, s.start_value - s.increment_by) <> $3::bigint`,
      [schema, name, last],
    );
    if (rows[0]) problems.push(`sequence ${name} is behind: ${rows[0].here ?? "unused"}, at the source ${last}`);
  }
  return { problems, information: [] };
}
