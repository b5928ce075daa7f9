-- The schema that the connection stands in, as one JSON document: see baseline-shape.ts. $1 is the mark of what is ours.
with relation as (
  select oid, relname, relkind
    from pg_class
   where relnamespace = quote_ident(current_schema())::regnamespace
     and relname <> '_prisma_migrations'
), attribute as (
  select relation.relname,
         relation.relkind,
         jsonb_object_agg(attname, jsonb_strip_nulls(jsonb_build_object(
           'type',     format_type(atttypid, atttypmod),
           'nullable', not attnotnull,
           'default',  case
                         when attidentity <> '' or attgenerated <> '' then 'generated'
                         else pg_get_expr(adbin, adrelid)
                       end))) as columns
    from relation
    join pg_attribute on attrelid = relation.oid and attnum > 0 and not attisdropped
    left join pg_attrdef on adrelid = relation.oid and adnum = attnum
   where relation.relkind in ('r', 'v')
   group by relation.relname, relation.relkind
), key_column as (
  select conrelid, confrelid, conname, contype, confdeltype, convalidated,
         (select jsonb_agg(attname order by place)
            from unnest(conkey) with ordinality as key (number, place)
            join pg_attribute on attrelid = conrelid and attnum = number) as columns
    from pg_constraint
   where connamespace = quote_ident(current_schema())::regnamespace
     and contype in ('p', 'f')
)
select jsonb_build_object(
  'tables', (
    select coalesce(jsonb_object_agg(relname, columns), '{}')
      from attribute
     where relkind = 'r'),
  'views', (
    select coalesce(jsonb_object_agg(relname, columns), '{}')
      from attribute
     where relkind = 'v'),
  'primaryKeys', (
    select coalesce(jsonb_object_agg(relname, columns), '{}')
      from key_column
      join relation on relation.oid = conrelid
     where contype = 'p'),
  'foreignKeys', (
    select coalesce(jsonb_agg(jsonb_build_object(
             'name',     conname,
             'table',    child.relname,
             'columns',  columns,
             'parent',   parent.relname,
             'onDelete', case confdeltype when 'a' then 'no action' when 'r' then 'restrict' when 'c' then 'cascade'
                                          when 'n' then 'set null'  else 'set default' end,
             'valid',    convalidated) order by child.relname, conname), '[]')
      from key_column
      join relation child on child.oid = conrelid
      join pg_class parent on parent.oid = confrelid
     where contype = 'f'),
  'enums', (
    select coalesce(jsonb_object_agg(typname, labels), '{}')
      from (select typname, jsonb_agg(enumlabel order by enumsortorder) as labels
              from pg_type
              join pg_enum on enumtypid = pg_type.oid
             where typnamespace = quote_ident(current_schema())::regnamespace
             group by typname) enum_type),
  'indexes', (
    select coalesce(jsonb_object_agg(indexed.relname, jsonb_strip_nulls(jsonb_build_object(
             'table',  owner.relname,
             'unique', indisunique,
             'method', amname,
             'keys',   (select jsonb_agg(pg_get_indexdef(indexrelid, place, true) order by place)
                          from generate_series(1, indnkeyatts) place),
             'where',  pg_get_expr(indpred, indrelid, true),
             'valid',  indisvalid and indisready))), '{}')
      from pg_index
      join relation owner on owner.oid = indrelid and owner.relkind = 'r'
      join pg_class indexed on indexed.oid = indexrelid
      join pg_am on pg_am.oid = indexed.relam
     where not indisprimary),
  'functions', (
    select coalesce(jsonb_object_agg(oid::regprocedure, coalesce(obj_description(oid, 'pg_proc') like $1, false)), '{}')
      from pg_proc
     where pronamespace = quote_ident(current_schema())::regnamespace
       and proname like 'crm\_%'),
  'others', (
    select coalesce(jsonb_object_agg(name, kind), '{}')
      from (select relname as name,
                   case relkind when 'S' then 'a sequence' when 'm' then 'a materialized view' when 'f' then 'a foreign table'
                                when 'c' then 'a composite type' else 'a partitioned table or index' end as kind
              from relation
             where relkind not in ('r', 'v', 'i')
            union all
            select typname, 'a type that is no enum'
              from pg_type
             where typnamespace = quote_ident(current_schema())::regnamespace
               and typtype in ('d', 'b', 'r')
               and typelem = 0) other)
  ) as shape
