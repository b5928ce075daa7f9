-- The indexes of tables $1 that no constraint stands for. Pretty, because only so the table's name is without its schema.
select i.indrelid::text as "table",
       c.relname as name,
       pg_get_indexdef(i.indexrelid, 0, true) as definition,
       i.indisunique as "unique",
       obj_description(c.oid, 'pg_class') as comment
  from pg_index i
  join pg_class c on c.oid = i.indexrelid
 where i.indrelid = any ($1::oid[])
   and i.indisvalid
   and not exists (select
                     from pg_constraint con
                    where con.conindid = i.indexrelid and con.conrelid = i.indrelid and con.contype in ('p', 'u', 'x'))
 order by i.indrelid, c.relname collate "C"
