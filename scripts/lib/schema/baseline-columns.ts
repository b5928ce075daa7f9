/** Whether a column that a database has already does for the one that the suite means. */
import { quoteName } from "../db/quote.ts";
import type { Column, Shape } from "./baseline-shape.ts";

/** Tables of the CRM's own that the suite only reads, their links aside. */
export const ONLY_READ = new Set(["Lead", "Job"]);
const LINKS = new Set(["customer_id"]);

/** A time that was never recorded can't be made up; `updated_at` begins when it is added. */
const HISTORY = new Set(["created_at", "started_at"]);

/** Whether a column can be added to a table that holds rows. */
export const isAddable = (column: string, wanted: Column): boolean =>
  wanted.nullable || (wanted.default !== undefined && !HISTORY.has(column));

export function misfitsOfColumn(table: string, column: string, has: Column, wanted: Column): string[] {
  const place = `${quoteName(table)}.${column}`;
  const alter = `alter table ${quoteName(table)} alter column ${column}`;
  if (!fitsType(table, has.type, wanted.type)) return [`${place} is ${has.type}: ${wanted.type} is needed`];
  const onlyRead = ONLY_READ.has(table);
  if (wanted.nullable && !has.nullable && (!onlyRead || LINKS.has(column)))
    return [`${place} is not null, and the suite leaves it empty: ${alter} drop not null`];
  if (wanted.default !== undefined && has.default === undefined && reliesOnDefault(table, wanted.default))
    return [`${place} has no default: ${alter} set default ${wanted.default}`];
  return [];
}

/** The suite writes its rows whole: a tool that made ids and times in its client has no defaults. Its own journal has. */
const reliesOnDefault = (table: string, preset: string): boolean =>
  table.startsWith("migration_") || preset.startsWith("nextval(");

/** A table that the suite adds rows to must not ask for values that it does not know. */
export const extraMisfits = (
  table: string,
  found: Shape["tables"][string],
  columns: Shape["tables"][string],
): string[] =>
  ONLY_READ.has(table)
    ? []
    : Object.entries(found)
        .filter(([column, has]) => columns[column] === undefined && !has.nullable && has.default === undefined)
        .map(
          ([column]) =>
            `${quoteName(table)}.${column} is not null and has no default, and the suite does not know it: give it a default`,
        );

/** Times may have fewer digits. A text that is only read may be limited, or without regard to case. */
export function fitsType(table: string, has: string, wanted: string): boolean {
  if (has === wanted) return true;
  if (wanted === "text")
    return has === "character varying" || (ONLY_READ.has(table) && /^(character varying\(|citext$)/.test(has));
  return wanted.startsWith("timestamp(6)") && /^timestamp(\(\d\))? with time zone$/.test(has);
}
