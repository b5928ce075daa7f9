-- Tables, what they consist of, and what else a rollback may drop: by kind, name, and the table that it goes with. `ours` says that
-- a schema batch made it.
with relation as (
  select c.oid, case when n.nspname = current_schema() then c.relname else n.nspname || '.' || c.relname end as name, c.relkind, n.oid as namespace
    from pg_class c
    join pg_namespace n on n.oid = c.relnamespace
   where n.nspname !~ '^pg_'
     and n.nspname <> 'information_schema'
     and c.relkind in ('r', 'p', 'v', 'm')
)
select thing.kind, thing.name, thing.table_name,
       coalesce(thing.comment like 'crm-migrations: made by %', false) as ours
  from (
    select case relkind when 'r' then 'table' when 'p' then 'table' else 'view' end as kind, name, null as table_name,
           obj_description(oid, 'pg_class') as comment
      from relation
    union all
    select 'column', name || '.' || attname, name, col_description(attrelid, attnum)
      from relation
      join pg_attribute on attrelid = oid and attnum > 0 and not attisdropped
     where relkind in ('r', 'p')
    union all
    select 'index', indexed.relname, relation.name, obj_description(indexrelid, 'pg_class')
      from relation
      join pg_index on indrelid = relation.oid
      join pg_class indexed on indexed.oid = indexrelid
    union all
    select 'constraint', conname, relation.name, obj_description(c.oid, 'pg_constraint')
      from relation
      join pg_constraint c on conrelid = relation.oid and contype in ('p', 'u', 'f', 'c', 'x')
    union all
    select 'function', p.oid::regprocedure::text, null, obj_description(p.oid, 'pg_proc')
      from pg_proc p
     where pronamespace in (select oid from pg_namespace where nspname !~ '^pg_' and nspname <> 'information_schema')
    union all
    select 'type', t.oid::regtype::text, null, obj_description(t.oid, 'pg_type')
      from pg_type t
     where typtype in ('e', 'd')
       and typnamespace in (select oid from pg_namespace where nspname !~ '^pg_' and nspname <> 'information_schema')
  ) thing
 order by thing.kind, thing.name, thing.table_name
