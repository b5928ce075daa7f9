-- The constraints of tables $1, by kind and name.
select con.conrelid::text as "table",
       con.conname as name,
       case con.contype
         when 'p' then 'primary'
         when 'u' then 'unique'
         when 'f' then 'foreign'
         when 'c' then 'check'
         else 'exclude'
       end as kind,
       coalesce(own.names, '{}') as columns,
       pg_get_constraintdef(con.oid) as definition,
       case when con.contype = 'f'
         then json_build_object('schema', n.nspname, 'table', parent.relname, 'columns', theirs.names)
       end as "references",
       obj_description(con.oid, 'pg_constraint') as comment
  from pg_constraint con
  left join pg_class parent on parent.oid = con.confrelid
  left join pg_namespace n on n.oid = parent.relnamespace
  left join lateral (
         select array_agg(a.attname::text order by place) as names
           from unnest(con.conkey) with ordinality as key (number, place)
           join pg_attribute a on a.attrelid = con.conrelid and a.attnum = key.number
       ) own on true
  left join lateral (
         select array_agg(a.attname::text order by place) as names
           from unnest(con.confkey) with ordinality as key (number, place)
           join pg_attribute a on a.attrelid = con.confrelid and a.attnum = key.number
       ) theirs on true
 where con.conrelid = any ($1::oid[])
   and con.contype in ('p', 'u', 'f', 'c', 'x')
   and con.conparentid = 0
 order by con.conrelid, strpos('pucxf', con.contype::text), con.conname collate "C"
