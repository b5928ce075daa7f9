\set ON_ERROR_STOP on
-- Verifies batch 4, backfill-conversations-messages. Each check selects what is wrong; no rows are good. The last statement
-- raises when a failure found something. Usage: psql "$DATABASE_URL" -f verify.sql. Only reads.
-- A run with --actors must be verified with the same list: PGOPTIONS='-c backfill.actors=customer,agent'
select set_config('verify.failed', '', false) as "checks that failed so far";

-- check: every lead with an audit that counts has its conversation (failure)
select l.id as lead_id, set_config('verify.failed', 'lead without conversation', false) as "check"
  from "Lead" l
 where exists (select from "Audit" a
                where a.lead_id = l.id
                  and a.actor = any (string_to_array(coalesce(nullif(current_setting('backfill.actors', true), ''),
                                                              'customer,agent,user,assistant,system'), ',')))
   and not exists (select from "Conversation" c where c.lead_id = l.id and c.metadata ->> 'source' = 'audit_backfill');

-- check: every audit that counts has its message, or a reason (failure)
select a.id as audit_id, set_config('verify.failed', 'audit without message', false) as "check"
  from "Audit" a
  join "Lead" l on l.id = a.lead_id
 where a.actor = any (string_to_array(coalesce(nullif(current_setting('backfill.actors', true), ''),
                                               'customer,agent,user,assistant,system'), ','))
   and not exists (select from "Message" m where m.metadata ? 'auditId' and m.metadata ->> 'auditId' = a.id::text)
   and crm_audit_text(a.action, a.payload) is not null
   and a.id::text not in (select item_key
                            from migration_errors
                           where script = 'backfill-conversations-messages'
                             and resolved_at is null);

-- check: no two messages of one audit (failure)
select m.metadata ->> 'auditId' as audit_id, count(*), set_config('verify.failed', 'two messages of one audit', false) as "check"
  from "Message" m
 where m.metadata ? 'auditId'
group by m.metadata ->> 'auditId'
having count(*) > 1;

-- check: roles follow from the actors (failure)
select m.id as message_id, m.role, m.metadata ->> 'auditActor' as actor, set_config('verify.failed', 'role', false) as "check"
  from "Message" m
 where m.metadata ->> 'source' = 'audit_backfill'
   and m.role::text <> case m.metadata ->> 'auditActor'
                         when 'customer' then 'user'
                         when 'agent'    then 'assistant'
                         else m.metadata ->> 'auditActor'
                       end;

-- check: messages stand in their lead's conversation, at their audit's time (failure)
select m.id as message_id, set_config('verify.failed', 'message out of place', false) as "check"
  from "Message" m
  join "Audit" a on a.id::text = m.metadata ->> 'auditId'
  join "Conversation" c on c.id = m.conversation_id
 where m.metadata ->> 'source' = 'audit_backfill'
   and m.id = crm_uuid('audit_backfill', m.metadata ->> 'auditId')
   and (c.lead_id is distinct from a.lead_id or m.created_at <> a.created_at);

-- check: last_message_at is not before the newest message (failure)
select c.id as conversation_id, set_config('verify.failed', 'last_message_at', false) as "check"
  from "Conversation" c
 where c.metadata ->> 'source' = 'audit_backfill'
   and (select max(m.created_at) from "Message" m where m.conversation_id = c.id) > coalesce(c.last_message_at, '-infinity');

-- check: the unique index on auditId is there and valid (failure)
select 'Message_audit_id_key' as index_name, set_config('verify.failed', 'index', false) as "check"
 where not exists (select
                     from pg_index
                    where indexrelid = to_regclass('"Message_audit_id_key"')
                      and indisvalid
                      and indisunique);

-- check: items in quarantine (failure)
select item_key, code, message, set_config('verify.failed', 'quarantine', false) as "check"
  from migration_errors
 where script = 'backfill-conversations-messages'
   and resolved_at is null;

-- check: a lead with several backfilled conversations (warning)
select lead_id, count(*)
  from "Conversation"
 where metadata ->> 'source' = 'audit_backfill'
   and lead_id is not null
group by lead_id
having count(*) > 1;

-- check: conversations without a customer (warning)
select id as conversation_id
  from "Conversation"
 where metadata ->> 'source' = 'audit_backfill'
   and customer_id is null;

-- check: conversations without messages (warning)
select c.id as conversation_id
  from "Conversation" c
 where c.metadata ->> 'source' = 'audit_backfill'
   and not exists (select from "Message" m where m.conversation_id = c.id);

do $$
begin
  if current_setting('verify.failed') <> '' then
    raise exception 'batch 4 does not hold: see the rows above (last: %)', current_setting('verify.failed');
  end if;
end $$;
