-- The record in the audit log; an index leads to those without a lead.
select id
  from "Audit"
 where lead_id is null
   and created_at >= (select started_at from migration_runs where id = $1)
   and actor = 'system'
   and payload ->> 'runId' = $1::text
   and payload ->> 'script' = (select script from migration_runs where id = $1)
 order by created_at, id
 limit 1
