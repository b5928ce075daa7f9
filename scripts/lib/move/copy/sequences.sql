-- The sequences that give a table's columns their values: owned by them, as those of serial and identity columns are, or named
-- in a default. $1 is the table; `counted` tells whether the column's values can be compared with the sequence's.
select distinct
       a.attname                                   as column_name,
       n.nspname                                   as schema_name,
       c.relname                                   as sequence_name,
       t.typcategory = 'N'                         as counted,
       s.seqincrement > 0                          as counts_up
  from pg_attribute a
  join pg_type t on t.oid = a.atttypid
  join lateral (
       select d.objid as sequence
         from pg_depend d
        where d.classid = 'pg_class'::regclass
          and d.refclassid = 'pg_class'::regclass
          and d.refobjid = a.attrelid
          and d.refobjsubid = a.attnum
          and d.deptype in ('a', 'i')
        union
       select d.refobjid
         from pg_attrdef f
         join pg_depend d on d.classid = 'pg_attrdef'::regclass and d.objid = f.oid and d.refclassid = 'pg_class'::regclass
        where f.adrelid = a.attrelid
          and f.adnum = a.attnum) used on true
  join pg_class c on c.oid = used.sequence and c.relkind = 'S'
  join pg_sequence s on s.seqrelid = c.oid
  join pg_namespace n on n.oid = c.relnamespace
 where a.attrelid = $1::regclass
   and a.attnum > 0
   and not a.attisdropped
