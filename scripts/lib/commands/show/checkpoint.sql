-- Where it stands, if the checkpoint is still its own.
select count(*)::float8                                                as parts,
       (count(*) filter (where (cursor ->> 'done')::boolean))::float8 as "partsDone",
       max(updated_at)                                                 as "savedAt"
  from migration_checkpoints
 where run_id = $1
having count(*) > 0
