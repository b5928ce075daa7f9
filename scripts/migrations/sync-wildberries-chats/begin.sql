-- Opens a row in sync_logs for stores that a run begins, and closes all that runs which died left open, whichever stores are asked
-- now: only the holder of the script's lock does this.
--
--   $1   the stores, as [{store, type}]
--   $2   the run's id
with begun as (
       select *
         from jsonb_to_recordset($1::jsonb) as b (store text, type text)),
     died as (
       update sync_logs
          set status = 'error',
              error_message = 'its process died',
              completed_at = clock_timestamp()
        where status = 'running'
          and (store_id in (select store from begun)
               or started_at < (select started_at from migration_runs where id = $2::bigint)))
insert into sync_logs (store_id, sync_type, status, started_at)
select store, type, 'running', clock_timestamp()
  from begun
order by store
