/**
 * What a sync leaves in `migration_effects` for each row that it changed or deleted:
 * `before` = {"key": [...], "keyNames": [...], "values": {column: text or null}, "writtenBy": its xmin}, `hash` = md5 of the row's
 * text after it. So a row that was copied before is still known as copied: the copy's note names that xmin.
 */
import { quoteName } from "../../db/quote.ts";

/** Longer ones don't fit into the unique index. */
const MOST_NAME = 1_000;

/**
 * The select of notes over `relation`, which has the key's columns, "was written by", "values before" and "hash after". $1 is the
 * run, $2 the table. Of a row that one run changes twice each value of before the first change stays, and what was done last.
 */
export function noteSelect(action: "update" | "delete", key: readonly string[], relation: string): string {
  const names = `jsonb_build_array(${key.map((name) => `'${name.replaceAll("'", "''")}'`).join(", ")})`;
  const keys = `jsonb_build_array(${key.map((name) => `${quoteName(name)}::text`).join(", ")})`;
  return `
    select $1::bigint, $2::text,
           case when length(${keys}::text) <= ${MOST_NAME} then ${keys}::text
                else left(${keys}::text, ${MOST_NAME / 2}) || '… ' || encode(sha256(convert_to(${keys}::text, 'UTF8')), 'hex')
           end,
           '${action}',
           jsonb_build_object('key', ${keys}, 'keyNames', ${names}, 'values', "values before", 'writtenBy', "was written by"),
           "hash after"
      from ${relation}
        on conflict (run_id, table_name, row_id) do update
       set action = excluded.action,
           before = excluded.before
                 || jsonb_build_object('values', (excluded.before -> 'values') || (migration_effects.before -> 'values'),
                                       'writtenBy', migration_effects.before -> 'writtenBy'),
           hash = excluded.hash`;
}
