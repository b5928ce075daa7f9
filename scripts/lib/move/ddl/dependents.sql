-- What else in the database leans on tables $2 of schema $1, so that they can't be dropped without it. One line each.
with dropped as (
  select c.oid
    from pg_class c
   where c.relnamespace = (select oid from pg_namespace where nspname = $1)
     and c.relname = any ($2)
     and c.relkind in ('r', 'p')
),
whole as (
  select oid from dropped
  union
  select part.relid::oid from dropped cross join lateral pg_partition_tree(dropped.oid) part
),
goes as ( -- with their sequences and indexes
  select oid from whole
  union
  select d.objid
    from pg_depend d
    join whole on whole.oid = d.refobjid
   where d.classid = 'pg_class'::regclass and d.refclassid = 'pg_class'::regclass and d.deptype in ('a', 'i')
  union
  select indexrelid from pg_index where indrelid in (select oid from whole)
),
row_type as (
  select t.oid, t.typarray from pg_type t where t.typrelid in (select oid from whole)
)
select distinct pg_describe_object(d.classid, d.objid, d.objsubid) as line
  from pg_depend d
 where d.deptype = 'n'
   and (d.refclassid = 'pg_class'::regclass and d.refobjid in (select oid from goes)
     or d.refclassid = 'pg_type'::regclass and d.refobjid in (select unnest(array[oid, typarray]) from row_type))
   and case d.classid
         when 'pg_class'::regclass      then d.objid not in (select oid from goes)
         when 'pg_constraint'::regclass then (select conrelid from pg_constraint where oid = d.objid) not in (select oid from goes)
         when 'pg_attrdef'::regclass    then (select adrelid from pg_attrdef where oid = d.objid) not in (select oid from goes)
         when 'pg_trigger'::regclass    then (select tgrelid from pg_trigger where oid = d.objid) not in (select oid from goes)
         when 'pg_policy'::regclass     then (select polrelid from pg_policy where oid = d.objid) not in (select oid from goes)
         when 'pg_rewrite'::regclass    then (select ev_class from pg_rewrite where oid = d.objid) not in (select oid from goes)
         else true
       end
 order by line
