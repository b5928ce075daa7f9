-- The triggers of tables $1 that somebody made.
select g.tgrelid::text as "table",
       g.tgname as name,
       pg_get_triggerdef(g.oid, true)
         || case g.tgenabled
              when 'D' then format(E';\nalter table %I disable trigger %I', c.relname, g.tgname)
              when 'R' then format(E';\nalter table %I enable replica trigger %I', c.relname, g.tgname)
              when 'A' then format(E';\nalter table %I enable always trigger %I', c.relname, g.tgname)
              else ''
            end as definition
  from pg_trigger g
  join pg_class c on c.oid = g.tgrelid
 where g.tgrelid = any ($1::oid[])
   and not g.tgisinternal
   and g.tgparentid = 0
 order by g.tgrelid, g.tgname collate "C"
