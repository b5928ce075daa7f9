-- What somebody who knows the database well would write instead of batch 4: no pages, no checkpoint, no quarantine, no effects,
-- no repeat, and ids that come as they come.
with audit as materialized (
       select a.*, crm_audit_text(a.action, a.payload) as content
         from "Audit" a
        where a.actor in ('customer', 'agent', 'user', 'assistant', 'system')),
     conversation as (
       insert into "Conversation" (lead_id, customer_id, channel, external_id, started_at, last_message_at, created_at,
                                   updated_at, metadata)
       select l.id, l.customer_id, l.channel, coalesce(l.messenger_psid, l.phone), l.created_at, log.newest, l.created_at,
              l.created_at,
              jsonb_build_object('source', 'audit_backfill', 'leadStage', l.stage, 'createdBy', 'hand-written.sql')
         from "Lead" l
         join (select lead_id, max(created_at) filter (where content is not null) as newest
                 from audit
             group by lead_id) log on log.lead_id = l.id
    returning id, lead_id)
insert into "Message" (conversation_id, role, content, created_at, metadata)
select c.id,
       case a.actor
         when 'customer' then 'user'
         when 'user'     then 'user'
         when 'system'   then 'system'
         else 'assistant'
       end::"MessageRole",
       a.content,
       a.created_at,
       jsonb_build_object('auditId', a.id, 'auditAction', a.action, 'auditActor', a.actor, 'source', 'audit_backfill',
                          'createdBy', 'hand-written.sql')
  from audit a
  join conversation c on c.lead_id = a.lead_id
 where a.content is not null
