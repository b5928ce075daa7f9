-- The oldest transaction in this database that is not ours ($1), and whether this role may see all of them.
with others as (
  select format('the transaction of session %s (%s)', pid, coalesce(nullif(application_name, ''), usename)) as who,
         xact_start as since,
         backend_type is null as hidden
    from pg_stat_activity
   where datname = current_database()
     and application_name is distinct from $1
     and (
           (backend_type = 'client backend' and state <> 'idle')
           or (backend_type is null and usesysid is not null)
         )
   union all
  select format('the prepared transaction %L', gid),
         prepared,
         false
    from pg_prepared_xacts
   where database = current_database()
)
select jsonb_build_object(
         'who', (array_agg(who order by since))[1],
         'ageMs', extract(epoch from clock_timestamp() - min(since)) * 1000,
         'hidden', coalesce(bool_or(hidden), false)
       )
  from others
