/**
 * Rows whose parents are not there yet, in tables that refer to themselves or to each other: they are put off to the end of their
 * level, and noted in the page's own transaction.
 */
import type { Queryable } from "../../db/database.ts";
import { quoteName } from "../../db/quote.ts";
import type { Constraint, Key } from "../catalog-types.ts";
import { listNames } from "../range-sql.ts";
import type { Moved } from "./tables.ts";

/** A note of rows that were put off. */
export interface Note {
  readonly id: string;
  readonly keys: readonly Key[];
}

/**
 * Takes the rows out of the page whose parents are neither in the target nor on one of the pages of this transaction, which are
 * given by the names of their tables; returns their keys.
 */
export async function takeOrphans(tx: Queryable, moved: Moved, pages: ReadonlyMap<string, string>): Promise<Key[]> {
  const { table, key, target, loops } = moved;
  const page = pages.get(table.name);
  if (loops.length === 0 || key.length === 0 || page === undefined) return [];
  const keys = (from: string) => key.map((name) => `${from}.${quoteName(name)}`).join(", ");
  const own = loops.filter(({ references }) => references?.table === table.name);
  const children = own.map(
    (loop) => `select ${keys("r")}
                 from ${page} p
                 join ${page} r on ${pairs("r", loop, "p")}
                where (${keys("p")}) = (${keys("orphan")})
                  and not exists (select from ${target} t where ${pairs("r", loop, "t")})`,
  );
  const spread = `union select c.* from orphan cross join lateral (${children.join(" union all ")}) c`;
  const { rows } = await askAsText(
    tx,
    `with recursive orphan (${listNames(key)}) as (
       select ${keys("r")} from ${page} r where ${loops.map((loop) => `(${lacksParent(moved, loop, pages)})`).join(" or ")}
       ${children.length === 0 ? "" : spread})
     delete from ${page} r
           using orphan
           where (${keys("r")}) = (${keys("orphan")})
       returning ${keys("r")}`,
  );
  return rows;
}

/** A key with a null in it leads nowhere, and needs no parent. */
function lacksParent({ table, target }: Moved, loop: Constraint, pages: ReadonlyMap<string, string>): string {
  const parent = loop.references?.table ?? "";
  const schema = target.slice(0, -quoteName(table.name).length);
  const page = pages.get(parent);
  const places = [`${schema}${quoteName(parent)}`, ...(page === undefined ? [] : [page])];
  return [
    ...loop.columns.map((name) => `r.${quoteName(name)} is not null`),
    ...places.map((place) => `not exists (select from ${place} p where ${pairs("r", loop, "p")})`),
  ].join(" and ");
}

/** Joins children to their parents. */
const pairs = (child: string, { columns, references }: Constraint, parent: string): string =>
  columns
    .map((name, index) => `${parent}.${quoteName(references?.columns[index] ?? "")} = ${child}.${quoteName(name)}`)
    .join(" and ");

/** Every value as PostgreSQL writes it. */
async function askAsText(tx: Queryable, text: string): Promise<{ rows: Key[] }> {
  const types = { getTypeParser: () => (value: string) => value };
  return (await tx.query({ text, rowMode: "array", types } as never)) as unknown as { rows: Key[] };
}

/** Notes that these rows are to be tried again at the end of their level. */
export async function noteOrphans(
  tx: Queryable,
  { runId, target, name, keys }: { runId: number | null; target: string; name: string; keys: readonly Key[] },
): Promise<void> {
  if (keys.length === 0) return;
  await tx.query(
    `insert into migration_effects (run_id, table_name, row_id, action, before)
     values ($1, $2, $3, 'put off', $4)`,
    [runId, target, `put off: ${name}`, JSON.stringify({ keys })],
  );
}

/** The notes about these tables, in the order in which they were made. */
export async function listNotes(db: Queryable, targets: readonly string[]): Promise<(Note & { target: string })[]> {
  const { rows } = await db.query<{ id: string; target: string; keys: Key[] }>(
    `select id, table_name as target, before -> 'keys' as keys
       from migration_effects
      where action = 'put off' and table_name = any ($1)
      order by id`,
    [targets],
  );
  return rows;
}

/** Takes keys off a note, and the note away with the last of them. */
export async function settleNote(tx: Queryable, id: string, settled: readonly Key[]): Promise<void> {
  const { rows } = await tx.query<{ keys: Key[] }>(
    "select before -> 'keys' as keys from migration_effects where id = $1 for update",
    [id],
  );
  const done = new Set(settled.map((key) => JSON.stringify(key)));
  const keys = (rows[0]?.keys ?? []).filter((key) => !done.has(JSON.stringify(key)));
  if (keys.length === 0) await tx.query("delete from migration_effects where id = $1", [id]);
  else await tx.query("update migration_effects set before = $2 where id = $1", [id, JSON.stringify({ keys })]);
}
