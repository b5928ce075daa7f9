-- What is in quarantine and not resolved, by batch and reason; the commonest reason of a batch first.
select script,
       code,
       message,
       count(*)                                        as items,
       (array_agg(item_key order by item_key))[1:$2]   as keys,
       max(run_id)                                     as "runId",
       count(*) over ()                                as reasons,
       sum(count(*)) over ()                           as "allItems"
  from migration_errors
 where resolved_at is null
   and script = any ($1)
 group by script, code, message
 order by array_position($1, script), items desc, code, message
 limit $3
