-- The functions and procedures of schema $1 that somebody made, unlike a range's constructors. Those that a table needs are
-- marked, and those that these need.
with recursive own as (
  select p.*
    from pg_proc p
   where p.pronamespace = (select oid from pg_namespace where nspname = $1)
     and p.prokind in ('f', 'p')
     and not exists (select from pg_depend where classid = 'pg_proc'::regclass and objid = p.oid and deptype in ('e', 'i'))
),
needed as (
  select d.refobjid as oid
    from pg_depend d
    join own on own.oid = d.refobjid
   where d.refclassid = 'pg_proc'::regclass
     and (d.classid in ('pg_attrdef'::regclass, 'pg_constraint'::regclass, 'pg_type'::regclass)
       or d.classid = 'pg_class'::regclass and exists (select from pg_index where indexrelid = d.objid))
  union
  select d.refobjid
    from needed
    join pg_depend d on d.classid = 'pg_proc'::regclass and d.objid = needed.oid and d.refclassid = 'pg_proc'::regclass
    join own on own.oid = d.refobjid
)
select own.proname as name,
       regexp_replace(pg_get_functiondef(own.oid), '^(CREATE OR REPLACE (FUNCTION|PROCEDURE) )' || part.qualified, '\1' || part.plain)
         as definition,
       own.oid in (select oid from needed) as needed
  from own
  cross join lateral (
         -- Whatever a name holds, it stands for itself.
         select regexp_replace(quote_ident($1) || '.' || quote_ident(own.proname), '(\W)', '\\\1', 'g') as qualified,
                replace(quote_ident(own.proname), '\', '\\') as plain
       ) part
 order by own.oid
