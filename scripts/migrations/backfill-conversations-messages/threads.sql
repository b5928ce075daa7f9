-- The leads of a page, each with its conversation: one that a backfill made before (of several the oldest), or the one to make.
-- Reads `candidate`. $11 is the lead whose earlier audits were in the page before: its conversation is counted there.
select p.lead_id,
       p.newest,
       p.lead_id is distinct from $11::uuid as counted,
       existing.id as existing_id,
       coalesce(existing.id, crm_uuid('audit_backfill', p.lead_id::text)) as conversation_id
  from (select lead_id, max(created_at) filter (where outcome = 'create') as newest
          from candidate
         where outcome <> 'lead_not_found'
      group by lead_id) p
  left join lateral (
         select c.id
           from "Conversation" c
          where c.lead_id = p.lead_id and c.metadata ->> 'source' = 'audit_backfill'
             or c.id = crm_uuid('audit_backfill', p.lead_id::text)
       order by c.metadata ->> 'source' = 'audit_backfill' desc nulls last, c.created_at, c.id
          limit 1) existing on true
