/** PostgREST's root: a Swagger 2.0 document of what the role may see, in the words of its version 12. */
import type { ClientBase } from "pg";

interface ColumnRow {
  readonly table: string;
  readonly comment: string | null;
  readonly writable: boolean;
  readonly column: string;
  readonly note: string | null;
  readonly format: string;
  readonly length: number | null;
  readonly labels: string[] | null;
  readonly required: boolean;
  readonly primary: boolean;
  readonly refers: { table: string; column: string } | null;
}

const COLUMNS = `
  select c.relname as table, obj_description(c.oid, 'pg_class') as comment,
         pg_relation_is_updatable(c.oid, true) <> 0 as writable, a.attname as column,
         col_description(c.oid, a.attnum) as note,
         case when t.typtype = 'e' then n.nspname || '.' || t.typname else format_type(coalesce(nullif(t.typbasetype, 0), t.oid), null) end as format,
         information_schema._pg_char_max_length(a.atttypid, a.atttypmod) as length,
         (select array_agg(enumlabel::text order by enumsortorder) from pg_enum where enumtypid = t.oid) as labels,
         a.attnotnull as required,
         exists (select from pg_constraint where conrelid = c.oid and contype = 'p' and a.attnum = any (conkey)) as primary,
         (select json_build_object('table', f.confrelid::regclass::text, 'column', k.attname)
            from pg_constraint f
            join pg_attribute k on k.attrelid = f.confrelid and k.attnum = f.confkey[1]
           where f.conrelid = c.oid and f.contype = 'f' and f.conkey = array[a.attnum]
           limit 1) as refers
    from pg_class c
    join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    join pg_type t on t.oid = a.atttypid
    join pg_namespace n on n.oid = t.typnamespace
   where c.relnamespace = $1::regnamespace and c.relkind in ('r', 'p', 'v')
     and has_table_privilege(c.oid, 'select')
   order by c.relname, a.attnum`;

const TYPES: Readonly<Record<string, string>> = {
  smallint: "integer",
  integer: "integer",
  bigint: "integer",
  numeric: "number",
  real: "number",
  "double precision": "number",
  boolean: "boolean",
};

/** Runs in the request's own transaction, whose search_path is the schema, so that it shows what the role may see. */
export async function describe(client: ClientBase, schema: string): Promise<unknown> {
  const { rows } = await client.query<ColumnRow>(COLUMNS, [schema]);
  const definitions: Record<string, unknown> = {};
  const paths: Record<string, unknown> = { "/": { get: {} } };
  for (const table of new Set(rows.map((row) => row.table))) {
    const columns = rows.filter((row) => row.table === table);
    paths[`/${table}`] = columns[0]?.writable ? { get: {}, post: {}, patch: {}, delete: {} } : { get: {} };
    definitions[table] = {
      ...(columns[0]?.comment ? { description: columns[0].comment } : {}),
      required: columns.filter(({ required }) => required).map(({ column }) => column),
      type: "object",
      properties: Object.fromEntries(columns.map((row) => [row.column, propertyOf(row)])),
    };
  }
  return { swagger: "2.0", info: { title: "PostgREST API", version: "12.2.3" }, paths, definitions };
}

function propertyOf({ format, note, length, labels, primary, refers }: ColumnRow): unknown {
  const notes = [
    ...(primary ? ["This is a Primary Key.<pk/>"] : []),
    ...(refers === null
      ? []
      : [
          `This is a Foreign Key to \`${refers.table}.${refers.column}\`.<fk table='${refers.table}' column='${refers.column}'/>`,
        ]),
  ];
  const own = note === null ? "" : `${note}\n\n`;
  const description = notes.length > 0 ? `${own}Note:\n${notes.join("\n")}` : note;
  const type = format.endsWith("[]") ? "array" : (TYPES[format] ?? "string");
  return {
    format,
    ...(format === "json" || format === "jsonb" ? {} : { type }),
    ...(type === "array" ? { items: { type: TYPES[format.slice(0, -2)] ?? "string" } } : {}),
    ...(description === null ? {} : { description }),
    ...(length === null ? {} : { maxLength: length }),
    ...(labels === null ? {} : { enum: labels }),
  };
}
