import type { Queryable } from "../db/database.ts";
import { storableKey } from "../item-key.ts";
import { storable } from "../storable.ts";
import type { ItemError } from "../task.ts";

/** How many items in quarantine a report lists; the others are only counted. */
export const LISTED_ERRORS = 100;

/** How many of a script's items are in quarantine and not resolved. */
export async function countUnresolved(db: Queryable, script: string): Promise<number> {
  const { rows } = await db.query<{ count: string }>(
    "select count(*) from migration_errors where script = $1 and resolved_at is null",
    [script],
  );
  return Number(rows[0]?.count);
}

/** The unresolved items after one key, or from the first, in the order of their keys; without those that a run has put there. */
export async function listUnresolved(
  db: Queryable,
  script: string,
  { after, limit, notOf }: { after?: string | undefined; limit: number; notOf?: number | undefined },
): Promise<ItemError[]> {
  const { rows } = await db.query<{ key: string; code: string; message: string }>(
    `select item_key as key, code, message
       from migration_errors
      where script = $1 and resolved_at is null and ($2::text is null or item_key > $2)
        and run_id is distinct from $4::bigint
      order by item_key
      limit $3`,
    [script, after ?? null, limit, notOf ?? null],
  );
  return rows;
}

/** Those of the keys that are in quarantine and not resolved. */
export async function unresolvedAmong(db: Queryable, script: string, keys: readonly string[]): Promise<Set<string>> {
  const { rows } = await db.query<{ key: string }>(
    "select item_key as key from migration_errors where script = $1 and item_key = any ($2) and resolved_at is null",
    [script, keys.map(storableKey)],
  );
  const known = new Set(rows.map(({ key }) => key));
  return new Set(keys.filter((key) => known.has(storableKey(key))));
}

/** Puts an item into quarantine; one that is there already gets the newer reason. */
export async function quarantine(tx: Queryable, run: { id: number; script: string }, error: ItemError): Promise<void> {
  await tx.query(
    `insert into migration_errors (run_id, script, item_key, code, message)
     values ($1, $2, $3, $4, $5)
         on conflict (script, item_key) where resolved_at is null
  do update set run_id = excluded.run_id, code = excluded.code, message = excluded.message`,
    [run.id, run.script, storableKey(error.key), error.code, storable(error.message)],
  );
}

/** Takes items out of quarantine: they were stored, or are gone at the source. */
export async function resolve(tx: Queryable, script: string, keys: readonly string[]): Promise<void> {
  await tx.query(
    "update migration_errors set resolved_at = now() where script = $1 and item_key = any($2) and resolved_at is null",
    [script, keys.map(storableKey)],
  );
}
