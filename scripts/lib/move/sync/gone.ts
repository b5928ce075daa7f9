/** Rows that the target has and the source has not: listed, or deleted and noted with all that they held. */
import type { Queryable } from "../../db/database.ts";
import { quoteName } from "../../db/quote.ts";
import type { Key } from "../catalog-types.ts";
import type { Moved } from "../copy/tables.ts";
import { keysCondition } from "../range-sql.ts";
import { withoutTriggers } from "../triggers.ts";
import { noteSelect } from "./effects.ts";
import type { Sync } from "./place.ts";

const LISTED_KEYS = 20;

/** Deletes the rows with these keys; returns how many there were. `tx` has canonical settings. */
export async function deleteRows(
  tx: Queryable,
  { catalog }: Sync,
  { moved, keys, runId }: { moved: Moved; keys: readonly Key[]; runId: number | null },
): Promise<number> {
  const { table, key, target } = moved;
  if (keys.length === 0) return 0;
  const columns = catalog.tables.find(({ name }) => name === table.name)?.columns ?? [];
  const held = columns
    .filter(({ generated }) => generated === null)
    .map(({ name }) => `('${name.replaceAll("'", "''")}', t.${quoteName(name)}::text)`);
  const ofKey = key.map((name) => `t.${quoteName(name)}`).join(", ");
  return withoutTriggers(tx, target, async () => {
    const { rowCount } = await tx.query(
      `with gone as (
              delete from ${target} t
                    where ${keysCondition(key, keys)}
                returning ${ofKey}, t.xmin::text as "was written by", null::text as "hash after",
                          (select jsonb_object_agg(name, value)
                             from (values ${held.join(", ")}) pair (name, value)) as "values before")
       insert into migration_effects (run_id, table_name, row_id, action, before, hash)
       ${noteSelect("delete", key, "gone")}`,
      [runId, target],
    );
    return rowCount ?? 0;
  });
}

/** One line about them. Rows without a key are only counted. */
export function goneLine(
  { table, key }: Moved,
  keys: readonly Key[],
  fate: "stay" | "deleted",
  verbose: boolean,
): string {
  const shown = key.length === 0 ? [] : keys.slice(0, verbose ? keys.length : LISTED_KEYS);
  const names = shown.map((one) => one.join(", ")).concat(shown.length < keys.length && shown.length > 0 ? ["…"] : []);
  const one = keys.length === 1;
  const stay = one ? "it stays without --delete-missing" : "they stay without --delete-missing";
  const keyless = one ? "it has no key, and stays" : "they have no key, and stay";
  const what = fate === "deleted" ? "deleted" : key.length === 0 ? keyless : stay;
  return `  ${table.name}: ${keys.length} ${one ? "row is" : "rows are"} not at the source; ${what}${names.length > 0 ? `: ${names.join("; ")}` : ""}`;
}
