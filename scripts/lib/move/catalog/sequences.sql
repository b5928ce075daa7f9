-- The sequences of schema $1, those of identity columns too.
select c.relname as name,
       format_type(s.seqtypid, null) as type,
       (select json_build_object('table', t.relname, 'column', a.attname)
          from pg_depend d
          join pg_class t on t.oid = d.refobjid
          join pg_attribute a on a.attrelid = d.refobjid and a.attnum = d.refobjsubid
         where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.refclassid = 'pg_class'::regclass
           and d.deptype in ('a', 'i')) as "ownedBy",
       format('increment by %s minvalue %s maxvalue %s start with %s cache %s %s', s.seqincrement, s.seqmin, s.seqmax, s.seqstart,
              s.seqcache, case when s.seqcycle then 'cycle' else 'no cycle' end) as definition,
       case when has_sequence_privilege(c.oid, 'select') then pg_sequence_last_value(c.oid)::text end as last,
       obj_description(c.oid, 'pg_class') as comment
  from pg_sequence s
  join pg_class c on c.oid = s.seqrelid
 where c.relnamespace = (select oid from pg_namespace where nspname = $1)
   and not exists (select from pg_depend where classid = 'pg_class'::regclass and objid = c.oid and deptype = 'e')
 order by c.relname collate "C"
