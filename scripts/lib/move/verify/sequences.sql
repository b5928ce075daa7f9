-- Columns of a schema's tables ($1) that take numbers from a sequence: as its owner, as an identity, or by their default.
with drawn as (
       select refobjid as table_id, refobjsubid as number, objid as sequence_id
         from pg_depend
        where classid = 'pg_class'::regclass and refclassid = 'pg_class'::regclass and deptype in ('a', 'i') and refobjsubid > 0
        union
       select d.adrelid, d.adnum, p.refobjid
         from pg_attrdef d
         join pg_depend p on p.classid = 'pg_attrdef'::regclass and p.objid = d.oid and p.refclassid = 'pg_class'::regclass)
select t.relname as "table", a.attname as "column", n.nspname as schema, s.relname as sequence, q.seqincrement as increment,
       coalesce(nullif(base.typbasetype, 0), base.oid) in ('int2'::regtype, 'int4'::regtype, 'int8'::regtype, 'numeric'::regtype) as is_number
  from drawn
  join pg_class t     on t.oid = drawn.table_id
  join pg_attribute a on a.attrelid = t.oid and a.attnum = drawn.number
  join pg_type base   on base.oid = a.atttypid
  join pg_class s     on s.oid = drawn.sequence_id and s.relkind = 'S'
  join pg_sequence q  on q.seqrelid = s.oid
  join pg_namespace n on n.oid = s.relnamespace
 where t.relnamespace = (select oid from pg_namespace where nspname = $1)
   and t.relname = any ($2)
 order by 1, 2, 3, 4
