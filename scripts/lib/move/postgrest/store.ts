/** Puts a body into a table of the target, as it came. */

import { quoteName } from "../../db/quote.ts";
import { RunFailed } from "../../errors.ts";
import type { Table } from "../catalog-types.ts";
import type { TargetConnection } from "../source.ts";
import { readingOf, type TargetColumn } from "./columns.ts";

/** The statement that stores a body of this table's rows in `into`, which is quoted already. */
export async function storingOf(tx: TargetConnection, table: Table, into: string): Promise<string> {
  const targets = new Map((await readTarget(tx, into)).map((column) => [column.name, column]));
  const columns = table.columns.flatMap((column) => {
    const target = targets.get(column.name);
    return target === undefined ? [] : [{ name: quoteName(column.name), ...readingOf(column, target) }];
  });
  if (columns.length === 0) throw new RunFailed(`${into} has no column of ${table.name}.`);
  const names = columns.map(({ name }) => name).join(", ");
  const values = columns.map(({ name, cast }) => (cast === undefined ? name : `${name}::${cast}`)).join(", ");
  const types = columns.map(({ name, as }) => `${name} ${as}`).join(", ");
  return `insert into ${into} (${names}) overriding system value
          select ${values}
            from json_to_recordset($1::json) as body (${types})`;
}

/** Stores it, and checks that as many rows arrived as PostgREST says it sent. */
export async function store(
  tx: TargetConnection,
  storing: string,
  { text, rows }: { text: string; rows: number },
): Promise<void> {
  const { rowCount } = await tx.query(storing, [text]);
  if (rowCount !== rows) throw new RunFailed(`PostgREST says that it sent ${rows} rows, and ${rowCount} arrived.`);
}

/** Columns that may be filled. A bare "character" would mean one letter, so a type without its length is written with -1. */
async function readTarget(tx: TargetConnection, into: string): Promise<TargetColumn[]> {
  const { rows } = await tx.query<TargetColumn>(
    `select attname as name, format_type(atttypid, atttypmod) as type, format_type(atttypid, -1) as base
       from pg_attribute
      where attrelid = $1::regclass and attnum > 0 and not attisdropped and attgenerated = ''`,
    [into],
  );
  return rows;
}
