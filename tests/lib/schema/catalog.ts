import type { Queryable } from "../../../scripts/lib/db/database.ts";

/** What schema.prisma can't say, kind by kind, each thing as one line in the same words on PostgreSQL 14 to 18. */
export type Catalog = Record<string, string[]>;

const HERE = "current_schema()::regnamespace";

const QUERIES: Record<string, string> = {
  expressionAndPartialIndexes: `
    select pg_get_indexdef(indexrelid) as line
      from pg_index
      join pg_class on pg_class.oid = indexrelid
     where relnamespace = ${HERE}
       and (indexprs is not null or indpred is not null)`,
  // By their columns: how a definition is printed differs from server to server.
  views: `
    select format('%I (%s)', relname, string_agg(format('%I %s', attname, format_type(atttypid, atttypmod)), ', ' order by attnum))
             as line
      from pg_class
      join pg_attribute on attrelid = pg_class.oid and attnum > 0
     where relnamespace = ${HERE}
       and relkind in ('v', 'm')
     group by relname`,
  checks: `
    select format('%s %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid)) as line
      from pg_constraint
     where connamespace = ${HERE}
       and contype = 'c'`,
  functions: `
    select format('%I(%s) returns %s, %s%s%s, parallel %s', proname, pg_get_function_identity_arguments(p.oid),
                  pg_get_function_result(p.oid), lanname,
                  case provolatile when 'i' then ', immutable' when 's' then ', stable' else ', volatile' end,
                  case when proisstrict then ', strict' end,
                  case proparallel when 's' then 'safe' when 'r' then 'restricted' else 'unsafe' end) as line
      from pg_proc p
      join pg_language l on l.oid = prolang
     where pronamespace = ${HERE}`,
  triggers: `
    select pg_get_triggerdef(pg_trigger.oid) as line
      from pg_trigger
      join pg_class on pg_class.oid = tgrelid
     where relnamespace = ${HERE}
       and not tgisinternal`,
};

export async function readCatalog(db: Pick<Queryable, "query">): Promise<Catalog> {
  const catalog: Catalog = {};
  for (const [kind, sql] of Object.entries(QUERIES)) {
    const { rows } = await db.query<{ line: string }>(sql);
    catalog[kind] = rows.map(({ line }) => line).sort();
  }
  return catalog;
}
