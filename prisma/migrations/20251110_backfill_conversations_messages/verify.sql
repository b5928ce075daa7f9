\set ON_ERROR_STOP on
-- Verifies batch 4, backfill-conversations-messages. Each check selects what is wrong; no rows are good. The last statement
-- raises when a failure found something. Usage: psql "$DATABASE_URL" -f verify.sql. Only reads.
-- A run with --actors must be verified with the same list: PGOPTIONS='-c backfill.actors=customer,agent'
-- Audits that are younger than backfill.until (a time; without it no audit is) need no message yet.
select set_config('verify.failed', '', false) as "checks that failed so far";

-- check: every lead with an audit that counts has its conversation (failure)
select l.id as lead_id, set_config('verify.failed', 'lead without conversation', false) as "check"
  from "Lead" l
 where exists (select from "Audit" a
                where a.lead_id = l.id
                  and a.actor = any (string_to_array(coalesce(nullif(current_setting('backfill.actors', true), ''),
                                                              'customer,agent,user,assistant,system'), ','))
                  and a.created_at <= (select coalesce(nullif(current_setting('backfill.until', true), ''), 'infinity')::timestamptz))
   and not exists (select from "Conversation" c where c.lead_id = l.id and c.metadata ->> 'source' = 'audit_backfill');

-- check: every audit that counts has its message, or a reason (failure)
select a.id as audit_id, set_config('verify.failed', 'audit without message', false) as "check"
  from "Audit" a
  join "Lead" l on l.id = a.lead_id
 where a.actor = any (string_to_array(coalesce(nullif(current_setting('backfill.actors', true), ''),
                                               'customer,agent,user,assistant,system'), ','))
   and not exists (select from "Message" m where m.metadata ? 'auditId' and m.metadata ->> 'auditId' = a.id::text)
   and crm_audit_text(a.action, a.payload) is not null
   and a.created_at <= (select coalesce(nullif(current_setting('backfill.until', true), ''), 'infinity')::timestamptz)
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

-- check: messages follow the order of their audits (failure)
select message_id, conversation_id, set_config('verify.failed', 'order of messages', false) as "check"
  from (select m.id as message_id, m.conversation_id, m.created_at,
               max(m.created_at) over (partition by m.conversation_id order by a.created_at, a.id
                                       rows between unbounded preceding and 1 preceding) as newest_before
          from "Message" m
          join "Audit" a on a.id::text = m.metadata ->> 'auditId'
         where m.metadata ->> 'source' = 'audit_backfill') follower
 where created_at < newest_before;

-- check: last_message_at is not before the newest message (failure)
select c.id as conversation_id, set_config('verify.failed', 'last_message_at', false) as "check"
  from "Conversation" c
 where c.metadata ->> 'source' = 'audit_backfill'
   and (select max(m.created_at) from "Message" m where m.conversation_id = c.id) > coalesce(c.last_message_at, '-infinity');

-- check: no message without its conversation, and a valid foreign key that keeps it so (failure)
select id::text as message_id, 'its conversation is gone' as found, set_config('verify.failed', 'orphans', false) as "check"
  from "Message" m
 where not exists (select from "Conversation" c where c.id = m.conversation_id)
union all
select null, 'the foreign key is missing or not valid', set_config('verify.failed', 'foreign key', false)
 where not exists (select
                     from pg_constraint
                     join pg_attribute on attrelid = conrelid and conkey = array[attnum] and attname = 'conversation_id'
                    where contype = 'f'
                      and conrelid = to_regclass('"Message"')
                      and confrelid = to_regclass('"Conversation"')
                      and convalidated);

-- check: no conversation of a lead or a customer that is gone (failure)
select c.id as conversation_id,
       case when l.id is null and c.lead_id is not null then c.lead_id end         as lead_gone,
       case when p.id is null and c.customer_id is not null then c.customer_id end as customer_gone,
       set_config('verify.failed', 'conversation of nobody', false) as "check"
  from "Conversation" c
  left join "Lead" l on l.id = c.lead_id
  left join "Customer" p on p.id = c.customer_id
 where c.metadata ->> 'source' = 'audit_backfill'
   and (c.lead_id is not null and l.id is null
     or c.customer_id is not null and p.id is null);

-- check: the unique index on auditId is there and valid (failure)
select 'Message_audit_id_key' as index_name, set_config('verify.failed', 'index', false) as "check"
 where not exists (select
                     from pg_index
                    where indexrelid = to_regclass('"Message_audit_id_key"')
                      and indisvalid
                      and indisunique);

-- check: the plan of the documented search names its index (failure)
do $$
declare
  searched text;
  applied  boolean := false;
  plan     json;
begin
  -- Whatever a planner may prefer on few rows: only an index that fits the search is left to it.
  perform set_config('enable_seqscan', 'off', true), set_config('enable_indexscan', 'off', true),
          set_config('enable_bitmapscan', 'on', true);
  if to_regclass('_prisma_migrations') is not null then
    execute $query$select exists (select from _prisma_migrations
                                   where migration_name = '20251108_add_fts_indexes'
                                     and finished_at is not null
                                     and rolled_back_at is null)$query$ into applied;
  end if;
  foreach searched in array array['english', 'russian']
  loop
    if applied then
      execute format($query$explain (format json)
                     select conversation_id, created_at, content
                       from "Message"
                      where to_tsvector(%1$L, coalesce(content, '')) @@ websearch_to_tsquery(%1$L, 'order заказ')
                   order by created_at desc
                      limit 20$query$, searched) into plan;
    end if;
    perform set_config('verify.plan_' || searched, coalesce(plan::text, 'batch 2 is not applied'), false);
  end loop;
end $$;
select index_name, language, 'the search does not use it: batch 2 makes it' as found,
       set_config('verify.failed', 'search', false) as "check"
  from (values ('Message_content_fts_idx', 'english'), ('Message_content_fts_ru_idx', 'russian')) search (index_name, language)
 where current_setting('verify.plan_' || language) <> 'batch 2 is not applied'
   and position(format('"Index Name": "%s"', index_name) in current_setting('verify.plan_' || language)) = 0;

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

-- check: conversations of leads without an audit that counts (warning)
select c.id as conversation_id, c.lead_id
  from "Conversation" c
 where c.metadata ->> 'source' = 'audit_backfill'
   and c.lead_id is not null
   and not exists (select from "Audit" a
                    where a.lead_id = c.lead_id
                      and a.actor = any (string_to_array(coalesce(nullif(current_setting('backfill.actors', true), ''),
                                                                  'customer,agent,user,assistant,system'), ',')));

-- check: messages whose audit is gone (warning)
select m.id as message_id, m.metadata ->> 'auditId' as audit_id
  from "Message" m
 where m.metadata ->> 'source' = 'audit_backfill'
   and not exists (select from "Audit" a where a.id::text = m.metadata ->> 'auditId');

-- check: coverage: leads with a customer (warning)
select count(customer_id) as covered, count(*) as leads, round(100.0 * count(customer_id) / count(*), 1) as percent
  from "Lead"
having count(customer_id) < count(*);

-- check: coverage: jobs with a customer (warning)
select count(customer_id) as covered, count(*) as jobs, round(100.0 * count(customer_id) / count(*), 1) as percent
  from "Job"
having count(customer_id) < count(*);

-- check: coverage: backfilled conversations with messages (warning)
select count(*) filter (where filled) as covered, count(*) as conversations,
       round(100.0 * count(*) filter (where filled) / count(*), 1) as percent,
       (array_agg(id order by id) filter (where not filled))[1] as first_without
  from (select c.id, exists (select from "Message" m where m.conversation_id = c.id) as filled
          from "Conversation" c
         where c.metadata ->> 'source' = 'audit_backfill') conversation
having count(*) filter (where filled) < count(*);

do $$
begin
  if current_setting('verify.failed') <> '' then
    raise exception 'batch 4 does not hold: see the rows above (last: %)', current_setting('verify.failed');
  end if;
end $$;
