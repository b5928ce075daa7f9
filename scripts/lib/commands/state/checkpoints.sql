-- Where each script is to go on; a lease that has no place in the source is not numbered.
select script,
       max(run_id)                                        as "runId",
       count(*)                                           as parts,
       count(*) filter (where (cursor ->> 'done')::boolean) as "partsDone",
       (array_agg(cursor -> 'selection'))[1]              as selection,
       max(updated_at)                                    as "savedAt"
  from migration_checkpoints
 where partition ~ '^[0-9]+$'
   and script = any ($1)
 group by script
