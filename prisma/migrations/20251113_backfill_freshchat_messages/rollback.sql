\set ON_ERROR_STOP on
-- Undoes batch 7, backfill-freshchat-messages: takes its messages, conversations and customers back, and nothing else.
-- Usage: psql "$DATABASE_URL" -f rollback.sql
-- One run only: PGOPTIONS='-c backfill.run_id=12' psql "$DATABASE_URL" -f rollback.sql
-- Where the URL has options= of its own, psql doesn't look at PGOPTIONS: put it there, behind a blank (%20).
-- What was added or edited since is kept, and listed at the end. Safe to run twice. The batch can run again afterwards.
-- The rollbacks of batches 6 to 8 are the same but for the names. sync_logs is a log, and stays.
begin;

set local lock_timeout = '10s';
set local timezone = 'UTC'; -- the hashes of migration_effects were made in it

-- 1. Nobody else is at work, and what is asked for makes sense.
do $$
declare
  script constant text := 'backfill-freshchat-messages';
  run    constant text := nullif(current_setting('backfill.run_id', true), '');
begin
  if to_regclass('migration_runs') is null then
    raise exception 'nothing was changed: batch 1 is not applied here, so there is nothing of batch 7';
  end if;
  if not pg_try_advisory_xact_lock(hashtextextended('crm-migrations:' || script, 0)) then
    raise exception 'nothing was changed: a run of % is at work, wait until it has ended', script
      using errcode = 'lock_not_available';
  end if;
  if run is null then
    raise notice 'rolling back ALL runs of batch 7';
  elsif exists (select from migration_runs r where r.id::text = run and r.script = 'backfill-freshchat-messages') then
    raise notice 'rolling back run %', run;
  else
    raise exception 'nothing was changed: backfill.run_id % is not a run of %', run, script;
  end if;
end $$;

create temp table backfill_run on commit drop as
  select id
    from migration_runs
   where script = 'backfill-freshchat-messages'
     and id::text = coalesce(nullif(current_setting('backfill.run_id', true), ''), id::text);

create temp table backfill_kept (table_name text, row_id text, reason text) on commit drop;

create temp table backfill_effect on commit drop as
  select e.id, e.run_id, e.table_name, e.row_id, e.action, e.before, e.hash
    from migration_effects e
   where e.run_id in (select id from backfill_run);

-- 2. What these runs made. A message's own metadata says what it was when it was made.
create temp table backfill_message on commit drop as
  select m.id, m.conversation_id, m.metadata ->> 'contentMd5' as hash, null::text as reason
    from "Message" m
   where m.metadata ? 'sourceId'
     and m.metadata ->> 'source' = 'freshchat_backfill'
     and m.metadata ->> 'createdBy' = 'backfill-freshchat-messages.ts'
     and m.metadata ->> 'runId' in (select id::text from backfill_run);

create temp table backfill_conversation on commit drop as
  select c.id, e.hash, null::text as reason
    from "Conversation" c
    left join backfill_effect e on e.table_name = 'Conversation' and e.row_id = c.id::text and e.action = 'insert'
   where e.id is not null
      or c.metadata ->> 'source' = 'freshchat_backfill'
     and c.metadata ->> 'createdBy' = 'backfill-freshchat-messages.ts'
     and c.metadata ->> 'runId' in (select id::text from backfill_run);

create temp table backfill_customer on commit drop as
  select c.id, e.hash, null::text as reason
    from "Customer" c
    left join backfill_effect e on e.table_name = 'Customer' and e.row_id = c.id::text and e.action = 'insert'
   where e.id is not null
      or c.metadata ->> 'source' = 'freshchat_backfill'
     and c.metadata ->> 'createdBy' = 'backfill-freshchat-messages.ts'
     and c.metadata ->> 'runId' in (select id::text from backfill_run);

create unique index on backfill_message (id);
create unique index on backfill_conversation (id);
create unique index on backfill_customer (id);
create index on backfill_effect (table_name, row_id);
analyze backfill_effect, backfill_message, backfill_conversation, backfill_customer;

-- 3. Conversations and customers are locked in one statement each, and who uses them is looked up in later ones: a live message
-- that commits in between is seen, and one that comes later waits until we are done. The same for messages, where anything can
-- refer to them.
do $$
begin
  perform from "Conversation" c
          where c.id in (select id from backfill_conversation)
       order by c.id
            for update;
  perform from "Customer" c
          where c.id in (select id from backfill_customer)
       order by c.id
            for update;
  if exists (select from pg_constraint where contype = 'f' and confrelid = '"Message"'::regclass) then
    perform from "Message" m
            where m.id in (select id from backfill_message)
         order by m.id
              for update;
  end if;
end $$;

-- 4. Messages, unless they were edited, be it a moment ago, or something else leans on them.
update backfill_message b
   set reason = 'in use by external_refs'
  from external_refs r
 where r.entity_id = b.id;

do $$
declare
  key record;
begin
  for key in -- whatever refers to messages, also tables that are not ours, and whatever it does when they go
    select conrelid::regclass as referring,
           (select string_agg(format('r.%I = p.%I', child.attname, parent.attname), ' and ')
              from unnest(conkey, confkey) as pair (child_number, parent_number)
              join pg_attribute child  on child.attrelid  = conrelid  and child.attnum  = child_number
              join pg_attribute parent on parent.attrelid = confrelid and parent.attnum = parent_number) as refers
      from pg_constraint
     where contype = 'f' and confrelid = '"Message"'::regclass
  loop
    execute format('update backfill_message b set reason = %L from "Message" p
                     where p.id = b.id and b.reason is null and exists (select from %s r where %s)',
                   'in use by ' || key.referring, key.referring, key.refers);
  end loop;
end $$;

delete from "Message" m
      using backfill_message b
      where m.id = b.id
        and b.reason is null
        and md5(m.content) = b.hash;

insert into backfill_kept
select 'Message', b.id::text, coalesce(b.reason, 'edited since')
  from backfill_message b
  join "Message" m on m.id = b.id;

-- 5. Rows that were there before a run get their values back, the last change first.
do $$
declare
  effect record;
  known  boolean;
begin
  for effect in
    select * from backfill_effect where action = 'update' order by run_id desc, id desc
  loop
    known := true;
    if effect.table_name = 'Message' then
      update "Message" m
         set booking_id = (effect.before ->> 'booking_id')::uuid
       where m.id = effect.row_id::uuid
         and md5(jsonb_build_array(m.booking_id)::text) = effect.hash;
    elsif effect.table_name = 'Conversation' then
      update "Conversation" c
         set customer_id          = (effect.before ->> 'customer_id')::uuid,
             channel_account      = effect.before ->> 'channel_account',
             started_at           = (effect.before ->> 'started_at')::timestamptz,
             created_at           = (effect.before ->> 'created_at')::timestamptz,
             updated_at           = case when c.updated_at = c.created_at then (effect.before ->> 'updated_at')::timestamptz
                                         else c.updated_at end,
             last_message_at      = (effect.before ->> 'last_message_at')::timestamptz,
             last_message_preview = effect.before ->> 'last_message_preview',
             metadata             = effect.before -> 'metadata'
       where c.id = effect.row_id::uuid
         and md5(jsonb_build_array(c.customer_id, c.channel_account, c.started_at, c.created_at, c.last_message_at,
                                   c.last_message_preview, c.metadata)::text) = effect.hash;
    elsif effect.table_name = 'Customer' then
      update "Customer" c
         set name       = effect.before ->> 'name',
             created_at = (effect.before ->> 'created_at')::timestamptz,
             updated_at = case when c.updated_at = c.created_at then (effect.before ->> 'updated_at')::timestamptz
                               else c.updated_at end
       where c.id = effect.row_id::uuid
         and md5(jsonb_build_array(c.name, c.created_at)::text) = effect.hash;
    elsif effect.table_name = 'stores' then
      update stores s
         set chat_cursor     = effect.before ->> 'chat_cursor',
             total_chats     = (effect.before ->> 'total_chats')::integer,
             next_request_at = (effect.before ->> 'next_request_at')::timestamptz
       where s.id = effect.row_id
         and md5(jsonb_build_array(s.chat_cursor, s.total_chats, s.next_request_at)::text) = effect.hash;
    else
      known := false;
    end if;
    if not known then
      raise exception 'nothing was changed: migration_effects holds a change of %, which this file does not know', effect.table_name;
    end if;
    if not found then
      insert into backfill_kept values (effect.table_name, effect.row_id, 'edited since: what the run changed in it stays');
    end if;
  end loop;
end $$;

-- A row that is gone is not kept, and one that these runs made is looked at below.
delete from backfill_kept k
      where k.reason = 'edited since: what the run changed in it stays'
        and case k.table_name
              when 'Message' then not exists (select from "Message" m where m.id = k.row_id::uuid and m.booking_id is not null)
              when 'Conversation'
                then not exists (select from "Conversation" c where c.id = k.row_id::uuid)
                  or exists (select from backfill_conversation b where b.id = k.row_id::uuid and b.hash is not null)
              when 'Customer'
                then not exists (select from "Customer" c where c.id = k.row_id::uuid)
                  or exists (select from backfill_customer b where b.id = k.row_id::uuid and b.hash is not null)
              else not exists (select from stores s where s.id = k.row_id)
            end;

-- 6. What conversations and people are called elsewhere, unless that was edited.
delete from external_refs r
      using backfill_effect e
      where e.table_name = 'external_refs'
        and e.action = 'insert'
        and r.id = e.row_id::uuid
        and md5(jsonb_build_array(r.entity_type, r.entity_id, r.system, r.external_id)::text) = e.hash;

insert into backfill_kept
select 'external_refs', r.id::text, 'edited since'
  from external_refs r
  join backfill_effect e on e.row_id = r.id::text
 where e.table_name = 'external_refs'
   and e.action = 'insert';

-- 7. Conversations, unless they were edited, or something else leans on them.
update backfill_conversation b
   set reason = case
                  when exists (select from "Message" m where m.conversation_id = c.id) then 'holds messages that stay'
                  when b.hash is null then 'no record in migration_effects that the run made it'
                  when md5(jsonb_build_array(c.lead_id, c.customer_id, c.channel, c.external_id, c.store_id, c.channel_account,
                                             c.status, c.tag, c.tagged_at, c.started_at, c.closed_at, c.metadata)::text) <> b.hash
                    then 'edited since'
                  when exists (select from external_refs r where r.entity_id = c.id) then 'in use by external_refs'
                end
  from "Conversation" c
 where c.id = b.id;

do $$
declare
  key record;
begin
  for key in -- whatever refers to conversations, also tables that are not ours, and whatever it does when they go
    select conrelid::regclass as referring,
           (select string_agg(format('r.%I = p.%I', child.attname, parent.attname), ' and ')
              from unnest(conkey, confkey) as pair (child_number, parent_number)
              join pg_attribute child  on child.attrelid  = conrelid  and child.attnum  = child_number
              join pg_attribute parent on parent.attrelid = confrelid and parent.attnum = parent_number) as refers
      from pg_constraint
     where contype = 'f' and confrelid = '"Conversation"'::regclass
  loop
    execute format('update backfill_conversation b set reason = %L from "Conversation" p
                     where p.id = b.id and b.reason is null and exists (select from %s r where %s)',
                   'in use by ' || key.referring, key.referring, key.refers);
  end loop;
end $$;

delete from "Conversation" c
      using backfill_conversation b
      where c.id = b.id
        and b.reason is null;

insert into backfill_kept
select 'Conversation', id::text, reason
  from backfill_conversation
 where reason is not null;

-- 8. Customers, unless they were edited, or anything still refers to them.
update backfill_customer b
   set reason = case
                  when b.hash is null then 'no record in migration_effects that the run made it'
                  when md5(jsonb_build_array(c.name, c.phone, c.email, c.metadata)::text) <> b.hash then 'edited since'
                  when exists (select from external_refs r where r.entity_id = c.id) then 'in use by external_refs'
                end
  from "Customer" c
 where c.id = b.id;

do $$
declare
  key record;
begin
  for key in -- whatever refers to customers, also tables that are not ours, and whatever it does when they go
    select conrelid::regclass as referring,
           (select string_agg(format('r.%I = p.%I', child.attname, parent.attname), ' and ')
              from unnest(conkey, confkey) as pair (child_number, parent_number)
              join pg_attribute child  on child.attrelid  = conrelid  and child.attnum  = child_number
              join pg_attribute parent on parent.attrelid = confrelid and parent.attnum = parent_number) as refers
      from pg_constraint
     where contype = 'f' and confrelid = '"Customer"'::regclass
  loop
    execute format('update backfill_customer b set reason = %L from "Customer" p
                     where p.id = b.id and b.reason is null and exists (select from %s r where %s)',
                   'in use by ' || key.referring, key.referring, key.refers);
  end loop;
end $$;

delete from "Customer" c
      using backfill_customer b
      where c.id = b.id
        and b.reason is null;

insert into backfill_kept
select 'Customer', id::text, reason
  from backfill_customer
 where reason is not null;

-- 9. The records of what was done; what was kept can still be taken back later.
delete from migration_checkpoints where script = 'backfill-freshchat-messages';
delete from migration_errors      where script = 'backfill-freshchat-messages' and run_id in (select id from backfill_run);
delete from migration_effects e
      where e.run_id in (select id from backfill_run)
        and not exists (select from backfill_kept k where k.table_name = e.table_name and k.row_id = e.row_id);
delete from "Audit"
      where lead_id is null
        and actor = 'system'
        and action = 'backfill_freshchat_messages'
        and payload ->> 'runId' in (select id::text from backfill_run);
update migration_runs set status = 'rolled_back' where id in (select id from backfill_run);

-- 10. Nothing of it is left.
do $$
begin
  if exists (select
               from "Message" m
              where m.id in (select id from backfill_message)
                and m.id::text not in (select row_id from backfill_kept where table_name = 'Message'))
  or exists (select
               from "Conversation" c
              where c.id in (select id from backfill_conversation)
                and c.id::text not in (select row_id from backfill_kept where table_name = 'Conversation'))
  or exists (select
               from "Customer" c
              where c.id in (select id from backfill_customer)
                and c.id::text not in (select row_id from backfill_kept where table_name = 'Customer')) then
    raise exception 'nothing was changed: something of batch 7 would be left';
  end if;
end $$;

-- What was kept, and why.
select distinct table_name, row_id, reason
  from backfill_kept
 order by table_name, row_id;

commit;
