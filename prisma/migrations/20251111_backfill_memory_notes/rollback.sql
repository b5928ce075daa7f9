\set ON_ERROR_STOP on
-- Undoes batch 5, backfill-memory-notes: the notes that it made go, and those that it changed get back what they said, unless
-- somebody has edited or used them since.
-- Usage: psql "$DATABASE_URL" -f rollback.sql
-- One run only: PGOPTIONS='-c backfill.run_id=12' psql "$DATABASE_URL" -f rollback.sql
-- Where the URL has options= of its own, psql doesn't look at PGOPTIONS: put it there, behind a blank (%20).
-- What is kept is listed at the end. Safe to run twice. The batch can run again afterwards.
begin;

set local lock_timeout = '10s';
set local timezone = 'UTC'; -- the hashes of migration_effects were made in it

-- 1. Nobody else is at work, and what is asked for makes sense.
do $$
declare
  script constant text := 'backfill-memory-notes';
  run    constant text := nullif(current_setting('backfill.run_id', true), '');
begin
  if to_regclass('migration_runs') is null then
    raise exception 'nothing was changed: batch 1 is not applied here, so there is nothing of batch 5';
  end if;
  if not pg_try_advisory_xact_lock(hashtextextended('crm-migrations:' || script, 0)) then
    raise exception 'nothing was changed: a run of % is at work, wait until it has ended', script
      using errcode = 'lock_not_available';
  end if;
  if run is null then
    raise notice 'rolling back ALL runs of batch 5';
  elsif exists (select from migration_runs r where r.id::text = run and r.script = 'backfill-memory-notes') then
    raise notice 'rolling back run %', run;
  else
    raise exception 'nothing was changed: backfill.run_id % is not a run of %', run, script;
  end if;
end $$;

create temp table backfill_run on commit drop as
  select id
    from migration_runs
   where script = 'backfill-memory-notes'
     and id::text = coalesce(nullif(current_setting('backfill.run_id', true), ''), id::text);

create temp table backfill_kept (table_name text, row_id text, reason text) on commit drop;

create temp table backfill_effect on commit drop as
  select e.id, e.run_id, e.row_id::uuid as note_id, e.action, e.before, e.hash,
         exists (select
                   from migration_effects later
                   join migration_runs r on r.id = later.run_id and r.script = 'backfill-memory-notes'
                  where later.table_name = 'MemoryNote'
                    and later.row_id = e.row_id
                    and later.run_id > e.run_id
                    and later.run_id not in (select id from backfill_run)) as changed_again
    from migration_effects e
   where e.table_name = 'MemoryNote'
     and e.run_id in (select id from backfill_run);

-- The notes that these runs made. One that says so itself, without a record of it, is listed.
create temp table backfill_note on commit drop as
  select n.id, e.hash,
         case
           when e.id is null    then 'no record in migration_effects that the run made it'
           when e.changed_again then 'changed again by a later run'
         end as reason
    from "MemoryNote" n
    left join backfill_effect e on e.note_id = n.id and e.action = 'insert'
   where e.id is not null
      or n.metadata ->> 'source' = 'state_metadata_backfill'
     and n.metadata ->> 'createdBy' = 'backfill-memory-notes.ts'
     and n.metadata ->> 'runId' in (select id::text from backfill_run);

create unique index on backfill_note (id);
create index on backfill_effect (note_id);
analyze backfill_effect, backfill_note;

-- 2. The notes are locked in one statement, and who uses them is looked up in later ones: whoever takes one in between is
-- seen, and whoever comes later waits until we are done.
do $$
begin
  perform from "MemoryNote" n
          where n.id in (select id from backfill_note union all select note_id from backfill_effect)
       order by n.id
            for update;
end $$;

-- 3. Notes that a run changed get back what they said, the last change first.
do $$
declare
  effect record;
begin
  for effect in
    select * from backfill_effect where action = 'update' order by run_id desc, id desc
  loop
    update "MemoryNote" n
       set customer_id = (effect.before ->> 'customer_id')::uuid,
           content     = effect.before ->> 'content',
           metadata    = effect.before -> 'metadata',
           updated_at  = (effect.before ->> 'updated_at')::timestamptz
     where n.id = effect.note_id
       and not effect.changed_again
       and md5(jsonb_build_array(n.customer_id, n.conversation_id, n.content, n.metadata, n.expires_at, n.updated_at)::text) = effect.hash;
    if not found then
      insert into backfill_kept
      select 'MemoryNote', n.id::text,
             case when effect.changed_again then 'changed again by a later run' else 'edited since: what the run wrote stays' end
        from "MemoryNote" n
       where n.id = effect.note_id;
    end if;
  end loop;
end $$;

-- 4. Notes that a run made go, unless they were edited, or anything refers to them.
update backfill_note b
   set reason = case
                  when md5(jsonb_build_array(n.customer_id, n.conversation_id, n.content, n.metadata, n.expires_at, n.updated_at)::text) <> b.hash
                    then 'edited since'
                  when exists (select from external_refs r
                                where lower(r.entity_type) in ('memorynote', 'memory_note') and r.entity_id::text = n.id::text)
                    then 'in use by external_refs'
                end
  from "MemoryNote" n
 where n.id = b.id
   and b.reason is null;

do $$
declare
  key record;
begin
  for key in -- whatever refers to notes, also tables that are not ours, and whatever it does when they go
    select conrelid::regclass as referring,
           (select string_agg(format('r.%I = p.%I', child.attname, parent.attname), ' and ')
              from unnest(conkey, confkey) as pair (child_number, parent_number)
              join pg_attribute child  on child.attrelid  = conrelid  and child.attnum  = child_number
              join pg_attribute parent on parent.attrelid = confrelid and parent.attnum = parent_number) as refers
      from pg_constraint
     where contype = 'f' and confrelid = '"MemoryNote"'::regclass
  loop
    execute format('update backfill_note b set reason = %L from "MemoryNote" p
                     where p.id = b.id and b.reason is null and exists (select from %s r where %s)',
                   'in use by ' || key.referring, key.referring, key.refers);
  end loop;
end $$;

delete from "MemoryNote" n
      using backfill_note b
      where n.id = b.id
        and b.reason is null;

insert into backfill_kept
select 'MemoryNote', id::text, reason
  from backfill_note
 where reason is not null
   and id::text not in (select row_id from backfill_kept);

-- 5. The records of what was done; what was kept can still be taken back later.
delete from migration_checkpoints where script = 'backfill-memory-notes';
delete from migration_errors      where script = 'backfill-memory-notes' and run_id in (select id from backfill_run);
delete from migration_effects e
      where e.run_id in (select id from backfill_run)
        and not exists (select from backfill_kept k where k.table_name = e.table_name and k.row_id = e.row_id);
delete from "Audit"
      where lead_id is null
        and actor = 'system'
        and action = 'backfill_memory_notes'
        and payload ->> 'runId' in (select id::text from backfill_run);
update migration_runs set status = 'rolled_back' where id in (select id from backfill_run);

-- 6. Nothing of it is left.
do $$
begin
  if exists (select
               from "MemoryNote" n
              where n.id in (select id from backfill_note)
                and n.id::text not in (select row_id from backfill_kept)) then
    raise exception 'nothing was changed: something of batch 5 would be left';
  end if;
end $$;

-- What was kept, and why.
select distinct table_name, row_id, reason
  from backfill_kept
 order by table_name, row_id;

commit;
