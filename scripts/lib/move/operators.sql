do $$
begin
  perform set_config('search_path', concat_ws(', ', current_setting('search_path'), string_agg(distinct quote_ident(n.nspname), ', ')), true)
     from pg_extension e
     join pg_namespace n on n.oid = e.extnamespace
    where n.nspname <> 'pg_catalog'
      and n.nspname <> all (current_schemas(false))
   having count(*) > 0;
end $$
