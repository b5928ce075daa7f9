-- Every audit of a page that counts, each with what becomes of it (`candidate`), and their leads, each with its conversation
-- (`thread`). The dry run counts these rows, the real run inserts from them.
--
--   $1 $2 $3   the key (lead_id, created_at, id) after which the page begins
--   $4 $5 $6   the key with which it ends
--   $7         the actors that count
--   $8         the audits that are meant, or null for the whole range
--   $9         keys of audits to leave out as quarantined
--   $10        whether the unresolved audits in migration_errors are to be tried again
--   $11        whether to look for messages of every audit, also of leads without a conversation
--
-- What is looked up in a table is asked for by `= any (array(…))`: an index lookup, however many rows the planner takes a range
-- for that it can't see into. A join would read whole tables for every page.
audit as materialized (
  select a.id, a.lead_id, a.actor, a.action, a.payload, a.created_at,
         a.id::text as key
    from "Audit" a
   where (a.lead_id, a.created_at, a.id) > ($1::uuid, $2::timestamptz, $3::uuid)
     and (a.lead_id, a.created_at, a.id) <= ($4::uuid, $5::timestamptz, $6::uuid)
     and a.actor = any ($7)
     and ($8::uuid[] is null or a.id = any ($8))),

lead as materialized (
  select l.id, l.customer_id, l.channel, l.stage, l.created_at,
         coalesce(case when crm_trim(l.messenger_psid) is not null then l.messenger_psid end,
                  case when crm_trim(l.phone) is not null then l.phone end) as external_id
    from "Lead" l
   where l.id = any (array(select distinct lead_id from audit))),

-- Conversations that a backfill made before, whoever ran it; of several of a lead the oldest.
existing as materialized (
  select distinct on (lead_id) lead_id, id
    from (select c.lead_id, c.id, c.created_at, 1 as choice
            from "Conversation" c
           where c.lead_id = any (array(select id from lead)) and c.metadata ->> 'source' = 'audit_backfill'
           union all
          select l.id, c.id, c.created_at, 2
            from "Conversation" c
            join lead l on crm_uuid('audit_backfill', l.id::text) = c.id
           where c.id = any (array(select crm_uuid('audit_backfill', id::text) from lead))) found
order by lead_id, choice, created_at, id),

period as materialized (
  select min(created_at) as earliest, max(created_at) as latest
    from audit),

-- Messages that an audit has made already. Most of them stand in its lead's conversation, at its time.
known as materialized (
  select m.metadata ->> 'auditId' as key
    from "Message" m
   where m.conversation_id = any (array(select id from existing))
     and m.created_at >= (select earliest from period)
     and m.created_at <= (select latest from period)
     and m.metadata ->> 'auditId' is not null),

-- Of the others: ours by their ids, then whoever's carry the audit's id. Unless $11, an audit of a lead without such a
-- conversation is taken to have none: should that be wrong, a conflict on insert tells.
unknown as materialized (
  select key, crm_uuid('audit_backfill', key) as message_id
    from audit
   where ($11 or lead_id in (select lead_id from existing))
     and key not in (select key from known)),

ours as materialized (
  select m.id
    from "Message" m
   where m.id = any (array(select message_id from unknown))),

theirs as materialized (
  select m.metadata ->> 'auditId' as key
    from "Message" m
   where m.metadata ? 'auditId' and :carries_audit),

found as materialized (
  select key
    from unknown
   where message_id in (select id from ours)),

quarantined as materialized (
  select item_key as key
    from migration_errors
   where script = 'backfill-conversations-messages' and resolved_at is null and not $10
   union all
  select unnest($9::text[])),

-- The text of an audit that has its message already is not asked for again. `offset 0`: what is looked up is looked up once.
told as materialized (
  select id, lead_id, actor, action, created_at, key, migrated,
         case when not migrated then crm_audit_text(action, payload) end as content
    from (select *, key in (select key from known) or key in (select key from found) as migrated
            from audit
          offset 0) a),

candidate as materialized (
  select t.*,
         case t.actor
           when 'customer' then 'user'
           when 'agent'    then 'assistant'
           else t.actor
         end as role,
         case
           when t.lead_id not in (select id from lead) then 'lead_not_found'
           when t.key in (select key from quarantined) then 'quarantined'
           when t.migrated                             then 'already_migrated'
           when t.content is null                      then 'no_text'
           when t.key in (select key from theirs)      then 'already_migrated'
           else 'create'
         end as outcome
    from told t),

thread as materialized (
  select l.*,
         p.newest,
         l.id <> $1::uuid or not exists (select from "Audit" a -- else the page before has counted it
                                          where a.lead_id = $1::uuid
                                            and (a.created_at, a.id) <= ($2::timestamptz, $3::uuid)
                                            and a.actor = any ($7)) as counted,
         e.id as existing_id,
         coalesce(e.id, crm_uuid('audit_backfill', l.id::text)) as conversation_id
    from lead l
    join (select lead_id, max(created_at) filter (where outcome = 'create') as newest
            from candidate
        group by lead_id) p on p.lead_id = l.id
    left join existing e on e.lead_id = l.id)
