-- Names of schema $1 and of extensions are to be read, and written, without their schema; temporary tables come last.
select string_agg(quote_ident(name), ', ' order by place, name) || ', pg_temp' as path
  from (select $1::text as name, 1 as place
        union
        select n.nspname, 2
          from pg_extension e
          join pg_namespace n on n.oid = e.extnamespace
         where n.nspname not in ('pg_catalog', $1)) schemas
