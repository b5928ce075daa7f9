\set ON_ERROR_STOP on
-- Undoes batch 9, classify-chats: conversations get the tag back that they had before, and stores their counts.
-- Usage: psql "$DATABASE_URL" -f rollback.sql
-- One run only: PGOPTIONS='-c backfill.run_id=12' psql "$DATABASE_URL" -f rollback.sql
-- Where the URL has options= of its own, psql doesn't look at PGOPTIONS: put it there, behind a blank (%20).
-- A conversation that was tagged by somebody else since keeps that tag, and is listed at the end. sync_logs is a log, and stays.
-- Safe to run twice. The batch can run again afterwards.
begin;

set local lock_timeout = '10s';
set local timezone = 'UTC'; -- the hashes of migration_effects were made in it

-- 1. Nobody else is at work, and what is asked for makes sense.
do $$
declare
  script constant text := 'classify-chats';
  run    constant text := nullif(current_setting('backfill.run_id', true), '');
begin
  if to_regclass('migration_runs') is null then
    raise exception 'nothing was changed: batch 1 is not applied here, so there is nothing of batch 9';
  end if;
  if not pg_try_advisory_xact_lock(hashtextextended('crm-migrations:' || script, 0)) then
    raise exception 'nothing was changed: a run of % is at work, wait until it has ended', script
      using errcode = 'lock_not_available';
  end if;
  if run is null then
    raise notice 'rolling back ALL runs of batch 9';
  elsif exists (select from migration_runs r where r.id::text = run and r.script = 'classify-chats') then
    raise notice 'rolling back run %', run;
  else
    raise exception 'nothing was changed: backfill.run_id % is not a run of %', run, script;
  end if;
end $$;

create temp table backfill_run on commit drop as
  select id
    from migration_runs
   where script = 'classify-chats'
     and id::text = coalesce(nullif(current_setting('backfill.run_id', true), ''), id::text);

create temp table backfill_kept (table_name text, row_id text, reason text) on commit drop;

-- 2. Of each row the first value before these runs, and what the last of them left there.
create temp table backfill_change on commit drop as
  select table_name, row_id,
         (array_agg(before order by run_id, id))[1]         as before,
         (array_agg(hash order by run_id desc, id desc))[1] as hash
    from migration_effects
   where run_id in (select id from backfill_run)
     and action = 'update'
     and table_name in ('Conversation', 'stores')
group by table_name, row_id;

create unique index on backfill_change (table_name, row_id);
analyze backfill_change;

-- 3. Conversations, unless somebody else has tagged them since. What is said about the tag lies in metadata.
with restored as (
  update "Conversation" c
     set tag       = b.before ->> 'tag',
         tagged_at = (b.before ->> 'tagged_at')::timestamptz,
         metadata  = case
                       when b.before ? 'metadata' and c.metadata - 'classification' = '{}' -- it was no object
                         then nullif(b.before -> 'metadata', 'null')
                       when b.before ? 'classification'
                         then c.metadata || jsonb_build_object('classification', b.before -> 'classification')
                       else c.metadata - 'classification'
                     end
    from backfill_change b
   where b.table_name = 'Conversation'
     and b.row_id = c.id::text
     and md5(jsonb_build_array(c.tag, c.tagged_at, c.metadata -> 'classification')::text) = b.hash
returning c.id)
insert into backfill_kept
select b.table_name, b.row_id, 'tagged by somebody else, or by another run, since'
  from backfill_change b
  join "Conversation" c on c.id::text = b.row_id
 where b.table_name = 'Conversation'
   and c.id not in (select id from restored);

-- 4. The stores' counts.
with restored as (
  update stores s
     set chat_tag_counts = nullif(b.before -> 'chat_tag_counts', 'null')
    from backfill_change b
   where b.table_name = 'stores'
     and b.row_id = s.id
     and md5(jsonb_build_array(s.chat_tag_counts)::text) = b.hash
returning s.id)
insert into backfill_kept
select b.table_name, b.row_id, 'counted again since'
  from backfill_change b
  join stores s on s.id = b.row_id
 where b.table_name = 'stores'
   and s.id not in (select id from restored);

-- 5. The records of what was done; what was kept can still be taken back later.
delete from migration_checkpoints where script = 'classify-chats';
delete from migration_errors      where script = 'classify-chats' and run_id in (select id from backfill_run);
delete from migration_effects e
      where e.run_id in (select id from backfill_run)
        and not exists (select from backfill_kept k where k.table_name = e.table_name and k.row_id = e.row_id);
delete from "Audit"
      where lead_id is null
        and actor = 'system'
        and action = 'classify_chats'
        and payload ->> 'runId' in (select id::text from backfill_run);
update migration_runs set status = 'rolled_back' where id in (select id from backfill_run);

-- 6. Nothing of it is left.
do $$
begin
  if exists (select
               from "Conversation" c
              where c.metadata #>> '{classification,runId}' in (select id::text from backfill_run)
                and c.id::text not in (select row_id from backfill_kept where table_name = 'Conversation')) then
    raise exception 'nothing was changed: something of batch 9 would be left';
  end if;
end $$;

-- What was kept, and why.
select distinct table_name, row_id, reason
  from backfill_kept
 order by table_name, row_id;

commit;
