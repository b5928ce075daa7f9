-- How many more connections an ordinary role could open. Where this role may not see what a session is, it is taken for
-- a client's: the number is too low then by other roles' parallel workers, never too high.
select to_jsonb(
         current_setting('max_connections')::int
         - current_setting('superuser_reserved_connections')::int
         - coalesce(current_setting('reserved_connections', true), '0')::int
         - count(*)
       )
  from pg_stat_activity
 where backend_type = 'client backend'
    or (backend_type is null and datid is not null and usesysid is not null)
