-- Whether all schemas of the search path that are there are closed to this role; where none is there, batch 1 makes it.
select current_schema() is null
       and exists (select from pg_namespace where nspname = any (named.schemas)) as hidden,
       path
  from current_setting('search_path') path,
       lateral (
         select array_agg(case name when '$user' then current_user else name end) as schemas
           from regexp_matches(path, '"((?:[^"]|"")+)"|([^",[:space:]]+)', 'g') part,
                lateral replace(coalesce(part[1], part[2]), '""', '"') name
       ) named
