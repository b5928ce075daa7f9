-- How many sessions wait for locks of ours ($1). Of those that want the same row only the first waits for us, the
-- others for it: so whoever waits for one that waits for us is counted, too.
with recursive ours as (
  select pid
    from pg_stat_activity
   where application_name = $1
     and datname = current_database()
),
waiting as materialized (
  select pid, pg_blocking_pids(pid) as blockers
    from pg_locks
   where not granted
),
held as (
  select pid
    from ours
   union
  select waiting.pid
    from held
    join waiting on held.pid = any (waiting.blockers)
)
select to_jsonb(count(*))
  from held
 where pid not in (select pid from ours)
