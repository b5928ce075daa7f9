\set ON_ERROR_STOP on
-- Verifies batch 7, backfill-freshchat-messages. Each check selects what is wrong; no rows are good. The last statement raises when a
-- failure found something. Usage: psql "$DATABASE_URL" -f verify.sql. Only reads. The checks of batches 6 to 8 are the same but for the
-- names; those that only this batch has stand last.
select set_config('verify.failed', '', false) as "checks that failed so far";

-- check: every message says what it is at its source, and what its text was (failure)
select id as message_id, set_config('verify.failed', 'message without sourceId or contentMd5', false) as "check"
  from "Message"
 where metadata ->> 'source' = 'freshchat_backfill'
   and (metadata ->> 'sourceId' is null or metadata ->> 'contentMd5' is null);

-- check: no two messages of a conversation are the same one at the source (failure)
select conversation_id, metadata ->> 'sourceId' as source_id, count(*),
       set_config('verify.failed', 'two messages of one sourceId', false) as "check"
  from "Message"
 where metadata ? 'sourceId'
   and metadata ->> 'source' = 'freshchat_backfill'
group by conversation_id, metadata ->> 'sourceId'
having count(*) > 1;

-- check: the ids of messages follow from what they are at their source (failure)
select m.id as message_id, set_config('verify.failed', 'message id', false) as "check"
  from "Message" m
  join "Conversation" c on c.id = m.conversation_id
 where m.metadata ->> 'source' = 'freshchat_backfill'
   and m.metadata ->> 'createdBy' = 'backfill-freshchat-messages.ts'
   and m.id <> crm_uuid('freshchat_backfill',
                        replace(replace(c.external_id, '%', '%25'), '/', '%2F') || '/' || (m.metadata ->> 'sourceId'));

-- check: every conversation says what it is at its source (failure)
select id as conversation_id, set_config('verify.failed', 'conversation without external_id', false) as "check"
  from "Conversation"
 where metadata ->> 'source' = 'freshchat_backfill'
   and external_id is null;

-- check: last_message_at is not before the newest message (failure)
select c.id as conversation_id, set_config('verify.failed', 'last_message_at', false) as "check"
  from "Conversation" c
  join (select conversation_id, max(created_at) as newest
          from "Message"
         where metadata ->> 'source' = 'freshchat_backfill'
      group by conversation_id) m on m.conversation_id = c.id
 where m.newest > coalesce(c.last_message_at, '-infinity');

-- check: no message is older than its conversation (failure)
select m.id as message_id, set_config('verify.failed', 'message before started_at', false) as "check"
  from "Message" m
  join "Conversation" c on c.id = m.conversation_id
 where m.metadata ->> 'source' = 'freshchat_backfill'
   and c.metadata ->> 'source' = 'freshchat_backfill'
   and m.created_at < c.started_at;

-- check: the unique index on sourceId is there and valid (failure)
select 'Message_source_id_key' as index_name, set_config('verify.failed', 'index', false) as "check"
 where not exists (select
                     from pg_index
                    where indexrelid = to_regclass('"Message_source_id_key"')
                      and indisvalid
                      and indisunique);

-- check: items in quarantine (failure)
select item_key, code, message, set_config('verify.failed', 'quarantine', false) as "check"
  from migration_errors
 where script = 'backfill-freshchat-messages'
   and resolved_at is null;

-- check: conversations that are not known to be whole (warning)
select id as conversation_id, external_id, metadata ->> 'partial' as reason
  from "Conversation"
 where metadata ->> 'source' = 'freshchat_backfill'
   and metadata ? 'partial';

-- check: conversations without messages (warning)
select c.id as conversation_id
  from "Conversation" c
 where c.metadata ->> 'source' = 'freshchat_backfill'
   and not exists (select from "Message" m where m.conversation_id = c.id);

-- Checks of this batch alone.

-- check: roles follow from the actors, and private notes are of the system (failure)
select id as message_id, role, metadata ->> 'actorType' as actor, set_config('verify.failed', 'role', false) as "check"
  from "Message"
 where metadata ->> 'source' = 'freshchat_backfill'
   and metadata ? 'actorType'
   and role::text <> case
                       when metadata ->> 'private' = 'true'           then 'system'
                       when lower(metadata ->> 'actorType') = 'user'  then 'user'
                       else 'assistant'
                     end;

-- check: no message of the service's own system was kept (failure)
select id as message_id, set_config('verify.failed', 'system message', false) as "check"
  from "Message"
 where metadata ->> 'source' = 'freshchat_backfill'
   and 'system' in (lower(metadata ->> 'actorType'), lower(metadata ->> 'messageType'), lower(metadata ->> 'messageSource'));

-- check: conversations that others made, and that are not known to be whole (warning)
select id as conversation_id, external_id, metadata ->> 'partial' as reason
  from "Conversation"
 where channel = 'freshchat'
   and metadata ->> 'source' is distinct from 'freshchat_backfill'
   and metadata ? 'partial';

do $$
begin
  if current_setting('verify.failed') <> '' then
    raise exception 'batch 7 does not hold: see the rows above (last: %)', current_setting('verify.failed');
  end if;
end $$;
