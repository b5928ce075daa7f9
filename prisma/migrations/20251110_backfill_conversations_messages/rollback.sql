\set ON_ERROR_STOP on
-- Undoes batch 4, backfill-conversations-messages: takes its messages and conversations back, and nothing else.
-- Usage: psql "$DATABASE_URL" -f rollback.sql
-- One run only: PGOPTIONS='-c backfill.run_id=12' psql "$DATABASE_URL" -f rollback.sql
-- Where the URL has options= of its own, psql doesn't look at PGOPTIONS: put it there, behind a blank (%20).
-- What was added or edited since is kept, and listed at the end. Safe to run twice. The batch can run again afterwards.
begin;

set local lock_timeout = '10s';
set local timezone = 'UTC'; -- the hashes of migration_effects were made in it

-- 1. Nobody else is at work, and what is asked for makes sense.
do $$
declare
  script constant text := 'backfill-conversations-messages';
  run    constant text := nullif(current_setting('backfill.run_id', true), '');
begin
  if to_regclass('migration_runs') is null then
    raise exception 'nothing was changed: batch 1 is not applied here, so there is nothing of batch 4';
  end if;
  if not pg_try_advisory_xact_lock(hashtextextended('crm-migrations:' || script, 0)) then
    raise exception 'nothing was changed: a run of % is at work, wait until it has ended', script
      using errcode = 'lock_not_available';
  end if;
  if run is null then
    raise notice 'rolling back ALL runs of batch 4';
  elsif exists (select from migration_runs r where r.id::text = run and r.script = 'backfill-conversations-messages') then
    raise notice 'rolling back run %', run;
  else
    raise exception 'nothing was changed: backfill.run_id % is not a run of %', run, script;
  end if;
end $$;

create temp table backfill_run on commit drop as
  select id
    from migration_runs
   where script = 'backfill-conversations-messages'
     and id::text = coalesce(nullif(current_setting('backfill.run_id', true), ''), id::text);

create temp table backfill_kept (table_name text, row_id text, reason text) on commit drop;

-- 2. The messages of these runs. The id shows that the row is ours: an earlier tool's rows look the same otherwise.
create temp table backfill_message on commit drop as
  select m.id,
         m.conversation_id,
         md5(m.content) as hash,
         case
           when a.id is null then 'its audit is gone'
           when m.content is distinct from crm_audit_text(a.action, a.payload) then 'edited since'
         end as reason
    from "Message" m
    left join "Audit" a on a.id::text = m.metadata ->> 'auditId'
   where m.metadata ? 'auditId'
     and m.metadata ->> 'source' = 'audit_backfill'
     and m.metadata ->> 'runId' in (select id::text from backfill_run)
     and m.id = crm_uuid('audit_backfill', m.metadata ->> 'auditId');

create temp table backfill_conversation on commit drop as
  select c.id, e.hash, null::text as reason
    from "Conversation" c
    left join migration_effects e on e.table_name = 'Conversation'
                                 and e.row_id = c.id::text
                                 and e.action = 'insert'
                                 and e.run_id in (select id from backfill_run)
   where e.id is not null
      or c.metadata ->> 'source' = 'audit_backfill' and c.metadata ->> 'runId' in (select id::text from backfill_run);

create unique index on backfill_message (id);
create unique index on backfill_conversation (id);
analyze backfill_message, backfill_conversation;

-- 3. The conversations are locked in one statement, and looked into in the next: a live message that commits in between is
-- seen, and one that comes later waits until we are done. The same for messages, where anything can refer to them.
do $$
begin
  perform from "Conversation" c
          where c.id in (select id from backfill_conversation)
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
 where lower(r.entity_type) = 'message'
   and r.entity_id::text = b.id::text
   and b.reason is null;

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

-- 5. Conversations, unless they were edited, or something else leans on them.
update backfill_conversation b
   set reason = case
                  when exists (select from "Message" m where m.conversation_id = c.id) then 'holds messages that stay'
                  when b.hash is null then 'no record in migration_effects that the run made it'
                  when md5(jsonb_build_array(c.lead_id, made.customer_id, c.channel, c.external_id, c.store_id, c.channel_account,
                                             c.status, c.tag, c.tagged_at, c.started_at, c.closed_at, c.metadata)::text) <> b.hash
                    then 'edited since'
                  when exists (select from external_refs r
                                where lower(r.entity_type) = 'conversation' and r.entity_id::text = c.id::text)
                    then 'in use by external_refs'
                end
  from "Conversation" c
 cross join lateral ( -- the customer that it was made with: a later one of these runs may have set it
         select case
                  when exists (select
                                 from migration_effects e
                                where e.table_name = 'Conversation'
                                  and e.row_id = c.id::text
                                  and e.action = 'update'
                                  and e.run_id in (select id from backfill_run)
                                  and e.before ->> 'customer_id' is null
                                  and e.hash = md5(jsonb_build_array(c.customer_id, c.last_message_at)::text)) then null
                  else c.customer_id
                end as customer_id) made
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

-- 6. Conversations that were there before get their values back, the last change first.
do $$
declare
  effect record;
begin
  for effect in
    select e.id, e.row_id, e.before, e.hash
      from migration_effects e
     where e.table_name = 'Conversation'
       and e.action = 'update'
       and e.run_id in (select id from backfill_run)
       and not exists (select from backfill_conversation b where b.id::text = e.row_id and b.hash is not null)
  order by e.run_id desc, e.id desc
  loop
    update "Conversation" c
       set customer_id     = (effect.before ->> 'customer_id')::uuid,
           last_message_at = (effect.before ->> 'last_message_at')::timestamptz
     where c.id::text = effect.row_id
       and md5(jsonb_build_array(c.customer_id, c.last_message_at)::text) = effect.hash;
    if not found then
      insert into backfill_kept
      select 'Conversation', c.id::text, 'edited since: customer_id and last_message_at stay'
        from "Conversation" c
       where c.id::text = effect.row_id;
    end if;
  end loop;
end $$;

-- 7. The records of what was done; what was kept can still be taken back later.
delete from migration_checkpoints where script = 'backfill-conversations-messages';
delete from migration_errors      where script = 'backfill-conversations-messages' and run_id in (select id from backfill_run);
delete from migration_effects e
      where e.run_id in (select id from backfill_run)
        and not exists (select from backfill_kept k where k.table_name = e.table_name and k.row_id = e.row_id);
delete from "Audit"
      where lead_id is null
        and actor = 'system'
        and action = 'backfill_conversations_messages'
        and payload ->> 'runId' in (select id::text from backfill_run);
update migration_runs set status = 'rolled_back' where id in (select id from backfill_run);

-- 8. Nothing of it is left.
do $$
begin
  if exists (select
               from "Message" m
              where m.id in (select id from backfill_message)
                and m.id::text not in (select row_id from backfill_kept where table_name = 'Message'))
  or exists (select
               from "Conversation" c
              where c.id in (select id from backfill_conversation)
                and c.id::text not in (select row_id from backfill_kept where table_name = 'Conversation')) then
    raise exception 'nothing was changed: something of batch 4 would be left';
  end if;
end $$;

-- What was kept, and why.
select distinct table_name, row_id, reason
  from backfill_kept
 order by table_name, row_id;

commit;
