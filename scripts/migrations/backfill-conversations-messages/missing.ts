import type { Queryable } from "../../lib/db/database.ts";
import { boundsOf, placesOf } from "../../lib/sources/audit-log.ts";
import { readSql } from "../../lib/sql-file.ts";
import type { Search } from "../../lib/task.ts";

const MISSING = readSql(new URL("missing.sql", import.meta.url));

/** The whole log against all messages: hashed once, and never looked up one by one, whatever old statistics say. */
const HASH_ALL = "select set_config('enable_nestloop', 'off', true), set_config('work_mem', '64MB', true)";

/** The ids of audits that count and have neither a message nor a reason. */
export async function findMissing(
  tx: Queryable,
  {
    actors,
    lead,
    among,
    outside = [],
    limit,
  }: Search & { readonly actors: readonly string[]; readonly lead: string | undefined },
): Promise<string[]> {
  if (lead === undefined && among === undefined) await tx.query(HASH_ALL);
  const { rows } = await tx.query<{ id: string }>(MISSING, [
    actors,
    lead ?? null,
    among ?? null,
    limit,
    JSON.stringify(outside.map((span) => placesOf(boundsOf(span)))),
  ]);
  return rows.map(({ id }) => id);
}
