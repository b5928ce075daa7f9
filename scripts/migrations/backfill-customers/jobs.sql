-- The jobs of a page, each with the customer that it takes from its lead and what becomes of it.
--
--   $1 $2   the job after which the page begins, and the one with which it ends
--   $3      keys of jobs to leave out as quarantined
--   $4      whether the unresolved jobs in migration_errors are to be tried again
--   $5      whether this is a dry run: a lead then has a customer if the passes before would link it
--   $6 $7 $8   the stretches that lay before the run when it began, as for groups
select j.id,
       l.customer_id as lead_customer_id,
       case
         when j.customer_id is not null then 'linked'
         when 'job:' || j.id = any ($3) or not $4 and 'job:' || j.id in (:quarantined) then 'quarantined'
         when l.customer_id is not null
           or $5 and l.id is not null
                 and case when $4 then 'group:' || own.group_id in (:quarantined)
                          else 'group:' || own.group_id not in (:quarantined) and (:ahead)
                     end then 'link'
         else 'no_customer'
       end as outcome
  from "Job" j
  left join "Lead" l on l.id = j.lead_id
  left join lateral (
         select crm_lead_pass(l.messenger_psid, l.phone, l.email) as pass,
                crm_uuid('lead_backfill', crm_lead_key(l.messenger_psid, l.phone, l.email, l.id)) as group_id
          where $5) own on true
 where j.id > $1::uuid
   and j.id <= $2::uuid
