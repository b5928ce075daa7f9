-- What is there besides, of schema $1: extensions of the database, roles, and what is left behind.
with own as (
  select oid, relname, relkind, relacl, relowner, relispartition
    from pg_class
   where relnamespace = (select oid from pg_namespace where nspname = $1)
     and not exists (select from pg_depend where classid = 'pg_class'::regclass and objid = pg_class.oid and deptype = 'e')
),
left_behind (line) as (
  select case relkind
           when 'v' then 'view '
           when 'm' then 'materialized view '
           when 'f' then 'foreign table '
           else 'partitioning of '
         end || relname
    from own
   where relkind in ('v', 'm', 'f') or relkind = 'p' and not relispartition
  union all
  select format('inheritance of %s', own.relname)
    from pg_inherits
    join own on own.oid = inhrelid
   where not own.relispartition and own.relkind = 'r'
  union all
  select format('rule %s on %s', rulename, own.relname)
    from pg_rewrite
    join own on own.oid = ev_class
   where rulename <> '_RETURN'
  union all
  select format('aggregate %s', proname)
    from pg_proc
   where pronamespace = (select oid from pg_namespace where nspname = $1)
     and prokind in ('a', 'w')
     and not exists (select from pg_depend where classid = 'pg_proc'::regclass and objid = pg_proc.oid and deptype = 'e')
  union all
  select format('statistics %s', stxname)
    from pg_statistic_ext
   where stxnamespace = (select oid from pg_namespace where nspname = $1)
  union all
  select format('publication of %s in %s', own.relname, pubname)
    from pg_publication_rel
    join own on own.oid = prrelid
    join pg_publication pub on pub.oid = prpubid
)
select array(select extname::text from pg_extension where extname <> 'plpgsql' order by extname collate "C") as extensions,
       array(select r.rolname::text
               from pg_roles r
              where r.oid in (select rights.grantee
                                from own
                               cross join lateral aclexplode(own.relacl) rights
                               where own.relkind in ('r', 'p') and rights.grantee <> own.relowner
                              union
                              select unnest(polroles) from pg_policy where polrelid in (select oid from own))
              order by r.rolname collate "C") as roles,
       array(select line from left_behind order by line collate "C") as "leftBehind"
