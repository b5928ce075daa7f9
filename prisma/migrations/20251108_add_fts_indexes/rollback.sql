\set ON_ERROR_STOP on
-- Undoes batch 2, add-fts-indexes: drops the indexes that 20251108_add_fts_indexes made. No row is touched.
-- Usage: psql "$DATABASE_URL" -f rollback.sql. Refuses while batch 4 is applied, which is advised to run after it. Safe to
-- run twice: the second time there is nothing to do.
begin;

set local lock_timeout = '10s';

do $$
declare
  run     constant text := nullif(current_setting('backfill.run_id', true), '');
  journal constant boolean := to_regclass('migration_runs') is not null;
begin
  if not pg_try_advisory_xact_lock(hashtextextended('crm-migrations:add-fts-indexes', 0)) then
    raise exception 'a run of add-fts-indexes is at work: wait until it has ended' using errcode = 'lock_not_available';
  end if;
  if run is null then
    raise notice 'rolling back ALL runs of batch 2';
  elsif not journal then
    raise exception 'backfill.run_id: % is not a run of add-fts-indexes', run;
  elsif not exists (select from migration_runs where id::text = run and script = 'add-fts-indexes') then
    raise exception 'backfill.run_id: % is not a run of add-fts-indexes', run;
  else
    raise notice 'rolling back run %: a schema is undone whole', run;
  end if;
  if journal then
    if exists (select
                 from migration_runs
                where script = 'backfill-conversations-messages'
                  and mode = 'write'
                  and status <> 'rolled_back') then
      raise exception 'nothing was changed: batch 4 is applied'
        using hint = 'Roll back backfill-conversations-messages first.';
    end if;
    update migration_runs set status = 'rolled_back' where script = 'add-fts-indexes';
  end if;
end $$;

do $$
declare
  index_name name;
  dropped    integer := 0;
begin
  for index_name in
    select relname
      from pg_class
     where relnamespace = quote_ident(current_schema())::regnamespace
       and relkind = 'i'
       and obj_description(oid, 'pg_class') = 'crm-migrations: made by 20251108_add_fts_indexes'
     order by relname
  loop
    execute format('drop index %I', index_name);
    dropped := dropped + 1;
  end loop;
  if dropped = 0 then
    raise notice 'nothing to roll back: no index here was made by batch 2';
  end if;
  if to_regclass('"Audit"') is not null then
    delete from "Audit"
     where lead_id is null
       and actor = 'system'
       and action = 'add_fts_indexes'
       and payload ? 'runId';
  end if;
  if to_regclass('_prisma_migrations') is not null then
    delete from _prisma_migrations where migration_name = '20251108_add_fts_indexes';
  end if;
end $$;

-- What stays: indexes that were here before.
select 'Message' as table_name, relname as row_id, 'was here before batch 2' as reason
  from pg_class
 where relnamespace = quote_ident(current_schema())::regnamespace
   and relname in ('Message_content_fts_idx', 'Message_content_fts_ru_idx', 'Message_role_idx')
 order by relname;

commit;
