-- The tables of schema $1. A partitioned one stands for its partitions; what belongs to an extension is left to it.
select c.oid::text as oid,
       c.relname as name,
       c.relrowsecurity as "rowSecurity",
       c.relpersistence = 'u' as unlogged,
       coalesce((select array_agg(polname::text order by polname) from pg_policy where polrelid = c.oid), '{}') as policies,
       obj_description(c.oid, 'pg_class') as comment,
       coalesce(c.reloptions, '{}') as parameters,
       coalesce((select array_agg(i.inhrelid::regclass::text order by 1) from pg_inherits i where i.inhparent = c.oid and c.relkind = 'r'),
                '{}') as heirs,
       coalesce(size.rows, 0)::float8 as "estimatedRows",
       coalesce(size.bytes, 0)::float8 as bytes
  from pg_class c
  cross join lateral (
         -- Where nobody has counted yet, a row is taken for 100 bytes.
         select sum(case when part.reltuples < 0 then pg_relation_size(part.oid) / 100 else part.reltuples end) as rows,
                sum(pg_total_relation_size(part.oid)) as bytes
           from pg_class part
          where part.oid = c.oid
             or c.relkind = 'p' and part.oid in (select relid from pg_partition_tree(c.oid))
       ) size
 where c.relnamespace = (select oid from pg_namespace where nspname = $1)
   and c.relkind in ('r', 'p')
   and not c.relispartition
   and not exists (select from pg_depend where classid = 'pg_class'::regclass and objid = c.oid and deptype = 'e')
 order by c.relname collate "C"
