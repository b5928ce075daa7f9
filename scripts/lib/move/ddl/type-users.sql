-- Who uses types $2 of schema $1, besides tables $3 of it: others of these types by name, and anything else that does.
with made as (
  select t.oid, t.typname, t.typrelid, t.typarray, r.rngmultitypid
    from pg_type t
    left join pg_range r on r.rngtypid = t.oid
   where t.typnamespace = (select oid from pg_namespace where nspname = $1) and t.typname = any ($2)
),
goes as (
  select c.oid
    from pg_class c
   where c.relnamespace = (select oid from pg_namespace where nspname = $1) and c.relname = any ($3) and c.relkind in ('r', 'p')
),
uses as (
  select made.typname as used,
         case d.classid
           when 'pg_class'::regclass      then (select typname from made other where other.typrelid = d.objid)
           when 'pg_type'::regclass       then (select typname from made other where other.oid = d.objid)
           when 'pg_constraint'::regclass then (select typname from made other
                                                 where other.oid = (select contypid from pg_constraint where oid = d.objid))
         end as by,
         case d.classid
           when 'pg_class'::regclass      then d.objid in (select oid from goes)
                                            or (select indrelid from pg_index where indexrelid = d.objid) in (select oid from goes)
           when 'pg_constraint'::regclass then (select conrelid from pg_constraint where oid = d.objid) in (select oid from goes)
           when 'pg_attrdef'::regclass    then (select adrelid from pg_attrdef where oid = d.objid) in (select oid from goes)
           when 'pg_trigger'::regclass    then (select tgrelid from pg_trigger where oid = d.objid) in (select oid from goes)
           when 'pg_policy'::regclass     then (select polrelid from pg_policy where oid = d.objid) in (select oid from goes)
           else false
         end as gone
    from made
    join pg_depend d on d.refclassid = 'pg_type'::regclass and d.refobjid in (made.oid, made.typarray, made.rngmultitypid)
   where d.deptype = 'n'
)
select made.typname as name,
       coalesce(array_agg(distinct uses.by::text) filter (where uses.by is not null), '{}') as types,
       bool_or(uses.used is not null and uses.by is null and not coalesce(uses.gone, false)) as "byOthers"
  from made
  left join uses on uses.used = made.typname
 group by made.typname
