\set ON_ERROR_STOP on
-- Verifies batch 9, classify-chats. Each check selects what is wrong; no rows are good. The last statement raises when a failure
-- found something. Usage: psql "$DATABASE_URL" -f verify.sql. Only reads.
select set_config('verify.failed', '', false) as "checks that failed so far";

-- check: every conversation has a tag, or a reason (failure)
select c.id as conversation_id, set_config('verify.failed', 'conversation without tag', false) as "check"
  from "Conversation" c
 where c.tag is null
   and c.id::text not in (select item_key from migration_errors where script = 'classify-chats' and resolved_at is null);

-- check: what a classifier said is whole (failure)
select c.id as conversation_id, set_config('verify.failed', 'classification', false) as "check"
  from "Conversation" c
 where c.metadata ? 'classification'
   and not coalesce(jsonb_typeof(c.metadata #> '{classification,tag}') = 'string'
                and jsonb_typeof(c.metadata #> '{classification,classifier}') = 'string'
                and jsonb_typeof(c.metadata #> '{classification,version}') = 'string'
                and jsonb_typeof(c.metadata #> '{classification,hash}') = 'string'
                and (c.metadata #>> '{classification,confidence}')::numeric between 0 and 1, false);

-- check: a tag has its time (failure)
select c.id as conversation_id, set_config('verify.failed', 'tag without time', false) as "check"
  from "Conversation" c
 where c.tag = c.metadata #>> '{classification,tag}'
   and c.tagged_at is null;

-- check: items in quarantine (failure)
select item_key, code, message, set_config('verify.failed', 'quarantine', false) as "check"
  from migration_errors
 where script = 'classify-chats'
   and resolved_at is null;

-- check: the stores' counts are those of their conversations (warning)
select s.id as store_id, s.chat_tag_counts, counted.counts
  from stores s
  left join (select store_id, jsonb_object_agg(tag, conversations) as counts
               from (select store_id, tag, count(*) as conversations
                       from "Conversation"
                      where store_id is not null
                        and tag is not null
                   group by store_id, tag) by_tag
           group by store_id) counted on counted.store_id = s.id
 where s.chat_tag_counts is distinct from counted.counts;

-- check: messages that came after the tag (warning)
select c.id as conversation_id, c.tagged_at
  from "Conversation" c
 where c.metadata ? 'classification'
   and c.last_message_at > c.tagged_at;

-- check: conversations that were tagged by a person, against a classifier (warning)
select c.id as conversation_id, c.tag, c.metadata #>> '{classification,tag}' as classified_as
  from "Conversation" c
 where c.metadata ? 'classification'
   and c.tag is distinct from c.metadata #>> '{classification,tag}';

do $$
begin
  if current_setting('verify.failed') <> '' then
    raise exception 'batch 9 does not hold: see the rows above (last: %)', current_setting('verify.failed');
  end if;
end $$;
