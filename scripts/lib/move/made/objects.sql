-- What the database holds that a schema is made of, without what belongs to something else of it: a column's sequence, a table's row
-- type, a range's functions, a part of an extension. `is_new`: the transaction that asks has made it, or changed it.
with object as (
  select 'pg_class'::regclass as class, oid, relnamespace as namespace, xmin, relkind <> 'S' as stands
    from pg_class
   where relkind in ('r', 'p', 'v', 'm', 'S')
     and relpersistence <> 't'
  union all
  select 'pg_type'::regclass, t.oid, t.typnamespace, t.xmin, false
    from pg_type t
    left join pg_class c on c.oid = t.typrelid
   where t.typtype in ('e', 'd', 'r')
      or t.typtype = 'c' and c.relkind = 'c'
  union all
  select 'pg_proc'::regclass, oid, pronamespace, xmin, false
    from pg_proc
  union all
  select 'pg_namespace'::regclass, oid, oid, xmin, false
    from pg_namespace
)
select o.class::oid::text as class, o.oid::text as oid, address.type, address.object_names as names, address.object_args as args,
       quote_ident(n.nspname) as schema, address.type || ' ' || identity.identity as name,
       case when age(o.xmin) <= 0 -- a transaction that began after ours may have ended before us
            then pg_xact_status((pg_current_xact_id()::text::numeric - age(o.xmin))::text::xid8) = 'in progress'
            else false
       end as is_new
  from object o
  join pg_namespace n on n.oid = o.namespace
 cross join lateral pg_identify_object_as_address(o.class, o.oid, 0) address
 cross join lateral pg_identify_object(o.class, o.oid, 0) identity
 where n.nspname !~ '^pg_'
   and n.nspname <> 'information_schema'
   and not exists (select
                     from pg_depend d
                    where d.classid = o.class
                      and d.objid = o.oid
                      and d.objsubid = 0
                      and (d.deptype = 'e' or d.deptype in ('a', 'i') and not o.stands))
 order by o.oid
