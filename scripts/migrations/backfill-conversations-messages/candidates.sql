-- Every audit of a page that counts, each with what becomes of it. The dry run counts these rows, the real run inserts from them.
--
--   $1 $2 $3   the key (lead_id, created_at, id) after which the page begins
--   $4 $5 $6   the key with which it ends
--   $7         the actors that count
--   $8         the one audit that is meant, or null for the whole range
--   $9         keys of audits to leave out as quarantined
--   $10        whether the unresolved audits in migration_errors are to be tried again
select a.id,
       a.lead_id,
       a.actor,
       a.action,
       a.created_at,
       case a.actor
         when 'customer'  then 'user'
         when 'user'      then 'user'
         when 'agent'     then 'assistant'
         when 'assistant' then 'assistant'
         else a.actor
       end as role,
       text.content,
       case
         when fate.settled is not null then fate.settled
         when text.content is null     then 'no_text'
         else 'create'
       end as outcome
  from "Audit" a
  left join "Lead" l on l.id = a.lead_id
 cross join lateral (
         select case
                  when l.id is null then 'lead_not_found'
                  when a.id::text = any ($9)
                    or not $10 and a.id::text in (select item_key
                                                    from migration_errors
                                                   where script = 'backfill-conversations-messages'
                                                     and resolved_at is null) then 'quarantined'
                  when exists (select from "Message" m
                                where m.metadata ? 'auditId' and m.metadata ->> 'auditId' = a.id::text)
                    or exists (select from "Message" m
                                where m.id = crm_uuid('audit_backfill', a.id::text)) then 'already_migrated'
                end as settled
        offset 0) fate -- "offset 0": worked out once for each row
 cross join lateral (
         select case when fate.settled is null then crm_audit_text(a.action, a.payload) end as content
        offset 0) text
 where (a.lead_id, a.created_at, a.id) > ($1::uuid, $2::timestamptz, $3::uuid)
   and (a.lead_id, a.created_at, a.id) <= ($4::uuid, $5::timestamptz, $6::uuid)
   and a.actor = any ($7)
   and ($8::uuid is null or a.id = $8)
