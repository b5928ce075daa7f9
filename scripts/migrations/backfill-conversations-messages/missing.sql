-- The audits that count and are neither stored nor have a reason not to be: no text, no lead, in quarantine. Also those of a lead
-- that has no conversation yet.
--
--   $1   the actors that count
--   $2   the lead that is meant, or null for all
--   $3   the audits that are meant, or null for all
--   $4   how many are asked for
--   $5   stretches that are not meant, each [lead_id, created_at, id, lead_id, created_at, id]
with candidate as materialized (
  select a.id, a.lead_id, a.action, a.payload
    from "Audit" a
   where a.actor = any ($1)
     and a.lead_id is not null
     and ($2::uuid is null or a.lead_id = $2)
     and ($3::uuid[] is null or a.id = any ($3))
     and not exists (select
                       from json_array_elements($5::json) s
                      where (a.lead_id, a.created_at, a.id) > ((s ->> 0)::uuid, (s ->> 1)::timestamptz, (s ->> 2)::uuid)
                        and (a.lead_id, a.created_at, a.id) <= ((s ->> 3)::uuid, (s ->> 4)::timestamptz, (s ->> 5)::uuid))
     and not exists (select
                       from "Message" m
                      where m.metadata ? 'auditId' and m.metadata ->> 'auditId' = a.id::text))
select id
  from candidate
 where case
         when (select count(*) from "Lead" l where l.id = lead_id) = 0 then false
         when (select count(*)
                 from migration_errors
                where script = 'backfill-conversations-messages' and item_key = candidate.id::text and resolved_at is null) > 0
           then false
         when crm_audit_text(action, payload) is not null
           then (select count(*) from "Message" m where m.id = crm_uuid('audit_backfill', candidate.id::text)) = 0
         when (select count(*)
                 from "Conversation" c
                where c.lead_id = candidate.lead_id and c.metadata ->> 'source' = 'audit_backfill') > 0 then false
         else (select count(*) from "Conversation" c where c.id = crm_uuid('audit_backfill', candidate.lead_id::text)) = 0
       end
 limit $4
