/**
 * What a sync leaves in `migration_effects` for each row that it changed or deleted:
 * `before` = {"key": [...], "values": {column: text or null}, "writtenBy": its xmin}, `hash` = md5 of the row's text after it. So a
 * row that was copied before is still known as copied: the copy's note names that xmin.
 */
import { quoteName } from "../../db/quote.ts";

/** Longer ones don't fit into the unique index. */
const MOST_NAME = 1_000;

/**
 * The select of notes over `relation`, which has the key's columns, "was written by", "values before" and "hash after". $1 is the
 * run, $2 the table. A row that one run changes twice keeps the values of before the first time.
 */
export function noteSelect(action: "update" | "delete", key: readonly string[], relation: string): string {
  const keys = `jsonb_build_array(${key.map((name) => `${quoteName(name)}::text`).join(", ")})`;
  return `
    select $1::bigint, $2::text,
           case when length(${keys}::text) <= ${MOST_NAME} then ${keys}::text
                else left(${keys}::text, ${MOST_NAME / 2}) || '… ' || encode(sha256(convert_to(${keys}::text, 'UTF8')), 'hex')
           end,
           '${action}',
           jsonb_build_object('key', ${keys}, 'values', "values before", 'writtenBy', "was written by"),
           "hash after"
      from ${relation}
        on conflict (run_id, table_name, row_id) do update set hash = excluded.hash`;
}
