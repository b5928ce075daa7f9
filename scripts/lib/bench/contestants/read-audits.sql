-- A page of the audits that count and have a text, in the order of their key ($1, $2, $3), at most $4 of them.
-- Timestamps are fit for a JavaScript Date: the reference data has whole milliseconds.
select a.id,
       a.lead_id as "leadId",
       a.actor,
       a.action,
       a.created_at as "createdAt",
       t.content
  from "Audit" a,
       lateral (select crm_audit_text(a.action, a.payload) as content) t
 where (a.lead_id, a.created_at, a.id) > ($1::uuid, $2::timestamptz, $3::uuid)
   and a.actor in ('customer', 'agent', 'user', 'assistant', 'system')
   and t.content is not null
order by a.lead_id, a.created_at, a.id
 limit $4
