/** Types that a table needs and that neither moves nor is in the target: those of an extension, most often. */
import type { Queryable } from "../../db/database.ts";
import { quoteName } from "../../db/quote.ts";
import type { Catalog, Table } from "../catalog-types.ts";

/** Types of extensions are found in these' own schemas, whatever the session's search_path. */
const UNKNOWN = `select name
                   from unnest($1::text[]) as wanted (name)
                  where to_regtype(name) is null
                    and not exists (select
                                      from pg_type t
                                      join pg_extension e on e.extnamespace = t.typnamespace
                                     where quote_ident(t.typname) = name)
                  order by name`;

/** One line for each, with the columns that need it. The tables are those that are still to be made. */
export async function unknownTypes(db: Queryable, source: Catalog, tables: readonly Table[]): Promise<string[]> {
  const moved = new Set(source.types.flatMap(({ name }) => [name, quoteName(name)]));
  const users = new Map<string, string[]>();
  for (const table of tables)
    for (const column of table.columns) {
      const type = column.type.replace(/(\[\])+$/, "").replace(/\([-\d, ]+\)/, "");
      if (moved.has(type) || isMovedMultirange(source, type)) continue;
      users.set(type, [...(users.get(type) ?? []), `${table.name}.${column.name}`]);
    }
  const { rows } = await db.query<{ name: string }>(UNKNOWN, [[...users.keys()]]);
  return rows.map(({ name }) => `the target has no type ${name}, which ${users.get(name)?.join(", ")} needs`);
}

const isMovedMultirange = ({ types }: Catalog, type: string): boolean =>
  types.some(({ definition }) => definition.endsWith(`multirange_type_name = ${type})`));
