-- What the records still say of these runs, which must be nothing: $1 are their ids, $2 is their script, $3 its Audit action, $4 what is
-- kept. Effects of what is kept stay, so that it can be taken back later.
with kept as (
  select row ->> 'table_name' as table_name, row ->> 'row_id' as row_id
    from jsonb_array_elements($4::jsonb) row
)
select 'a run that is not marked rolled back' as what, id::text as key
  from migration_runs
 where id::text = any ($1) and status <> 'rolled_back'
union all
select 'a checkpoint', partition
  from migration_checkpoints
 where script = $2
union all
select 'an item in quarantine', item_key
  from migration_errors
 where script = $2 and run_id::text = any ($1)
union all
select 'a record of an effect', table_name || ' ' || row_id
  from migration_effects e
 where run_id::text = any ($1)
   and not exists (select from kept k where k.table_name = e.table_name and k.row_id = e.row_id)
   and not coalesce(before ? 'writtenAgainBy', false) -- of rows that are kept one by one
union all
select 'an Audit row', id::text
  from "Audit"
 where lead_id is null and actor = 'system' and action = $3 and payload ->> 'runId' = any ($1)
 limit 20
