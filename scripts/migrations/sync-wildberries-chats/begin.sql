-- Opens a row in sync_logs for stores that a run begins, and closes those that a run which died left open: only the holder of the
-- script's lock does this.
--
--   $1   the stores, as [{store, type}]
with begun as (
       select *
         from jsonb_to_recordset($1::jsonb) as b (store text, type text)),
     died as (
       update sync_logs
          set status = 'error',
              error_message = 'its process died',
              completed_at = clock_timestamp()
        where store_id in (select store from begun)
          and status = 'running')
insert into sync_logs (store_id, sync_type, status, started_at)
select store, type, 'running', clock_timestamp()
  from begun
order by store
