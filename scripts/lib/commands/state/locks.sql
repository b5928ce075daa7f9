-- Who holds the locks that the key of these scripts names.
select script,
       l.pid,
       nullif(a.application_name, '') as application
  from unnest($1::text[]) script
  join pg_locks l on (l.classid::bigint << 32 | l.objid::bigint) = hashtextextended('crm-migrations:' || script, 0)
  left join pg_stat_activity a on a.pid = l.pid
 where l.locktype = 'advisory'
   and l.granted
   and l.objsubid = 1
   and l.database = (select oid from pg_database where datname = current_database())
