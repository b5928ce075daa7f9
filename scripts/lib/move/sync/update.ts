/** Gives rows of the target the values that they have at the source, and notes those that they had. */
import type { Queryable } from "../../db/database.ts";
import { quoteName } from "../../db/quote.ts";
import type { Key } from "../catalog-types.ts";
import type { Moved } from "../copy/tables.ts";
import { listNames } from "../range-sql.ts";
import { withoutTriggers } from "../triggers.ts";
import { noteSelect } from "./effects.ts";
import type { Sync } from "./place.ts";

const PAGE = "pg_temp.sync_page";

export interface Updated {
  readonly moved: Moved;
  readonly keys: readonly Key[];
  /** So many rows of the target have keys that are equal and spelled otherwise, as 1.5 and 1.50 are: they get the source's spelling. */
  readonly spelling?: number;
}

/** Updates those of the rows with these keys that differ; returns how many did. `tx` has canonical settings. */
export async function updateRows(
  tx: Queryable,
  { move: { source }, catalog }: Sync,
  { moved, keys, spelling = 0, runId }: Updated & { readonly runId: number | null },
): Promise<number> {
  const { table, key, target } = moved;
  const there = catalog.tables.find(({ name }) => name === table.name)?.columns ?? [];
  const fixed = new Set([
    ...(spelling > 0 ? [] : key),
    ...there.filter(({ identity }) => identity === "always").map(({ name }) => name),
  ]);
  const columns = table.columns.map(({ name }) => name);
  const free = columns.filter((name) => !fixed.has(name));
  if (free.length === 0 || keys.length === 0) return 0;
  await tx.query(`drop table if exists ${PAGE}`);
  await tx.query(
    `create temp table sync_page on commit drop as select ${listNames(columns)} from ${target} with no data`,
  );
  await source.loadKeys(tx, table, keys, PAGE);
  return withoutTriggers(tx, target, async () => {
    const { rowCount } = await tx.query(statement(moved, free), [runId, target]);
    return rowCount ?? 0;
  });
}

/** Rows are compared as text: not every type can be compared for equality, and for some of them "equal" is not "the same". */
function statement({ key, target }: Moved, columns: readonly string[]): string {
  const of = (row: string, names: readonly string[]) => names.map((name) => `${row}.${quoteName(name)}`).join(", ");
  const same = (one: string, other: string) => `(${of(one, key)}) = (${of(other, key)})`;
  const changes = columns.map((name) => `(${literal(name)}, ${of("t", [name])}::text, ${of("n", [name])}::text)`);
  return `
    with old as materialized (
           select ${of("t", key)}, t.xmin::text as "was written by",
                  (select jsonb_object_agg(name, value)
                     from (values ${changes.join(", ")}) pair (name, value, "next")
                    where value is distinct from "next") as "values before"
             from ${target} t
             join ${PAGE} n on ${same("n", "t")}
            where row(${of("t", columns)})::text collate "C" <> row(${of("n", columns)})::text collate "C"
              for update of t),
         changed as (
           update ${target} t
              set ${columns.map((name) => `${quoteName(name)} = ${of("n", [name])}`).join(", ")}
             from ${PAGE} n, old
            where ${same("t", "n")} and ${same("t", "old")}
        returning ${of("t", key)}, old."was written by", old."values before", md5((t.*)::text) as "hash after")
    insert into migration_effects (run_id, table_name, row_id, action, before, hash)
    ${noteSelect("update", key, "changed")}`;
}

const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;
