\set ON_ERROR_STOP on
-- Undoes batch 1, create-schema: drops what 20251107_create_schema made, and nothing that was here before it.
-- Usage: psql "$DATABASE_URL" -f rollback.sql. Changes nothing while a table that it would drop holds a row. Safe to run
-- twice: the second time there is nothing to do. The CRM's own tables are undone by 20251101_create_crm/rollback.sql.
begin;

set local lock_timeout = '10s';

-- 1. Nobody else is at work, and what is asked for makes sense.
do $$
declare
  run    constant text   := nullif(current_setting('backfill.run_id', true), '');
  script text;
  known  boolean := false;
begin
  foreach script in array array[
    'create-schema', 'add-fts-indexes', 'backfill-customers', 'backfill-conversations-messages', 'backfill-memory-notes',
    'backfill-umnico-conversations', 'backfill-freshchat-messages', 'sync-wildberries-chats', 'classify-chats',
    'migrate-business-data']
  loop
    if not pg_try_advisory_xact_lock(hashtextextended('crm-migrations:' || script, 0)) then
      raise exception 'a run of % is at work: wait until it has ended', script using errcode = 'lock_not_available';
    end if;
  end loop;
  if run is null then
    raise notice 'rolling back ALL runs of batch 1';
    return;
  end if;
  if to_regclass('migration_runs') is not null then
    execute 'select exists (select from migration_runs where id::text = $1 and script = $2)' into known using run, 'create-schema';
  end if;
  if not known then
    raise exception 'backfill.run_id: % is not a run of create-schema', run;
  end if;
  raise notice 'rolling back run %: a schema is undone whole', run;
end $$;

-- 2. What carries our comment, and where it stands. An index of a later batch goes too: its entry is taken out below.
create temp table made on commit drop as
  with relation as (
    select oid, relname, relkind, obj_description(oid, 'pg_class') = 'crm-migrations: made by 20251107_create_schema' as ours
      from pg_class
     where relnamespace = quote_ident(current_schema())::regnamespace
       and relkind in ('r', 'p', 'v')
       and relname <> '_prisma_migrations'
  ), function as (
    select oid
      from pg_proc
     where pronamespace = quote_ident(current_schema())::regnamespace
       and obj_description(oid, 'pg_proc') = 'crm-migrations: made by 20251107_create_schema'
  )
  select 'view' as kind, relname as table_name, null::name as part, format('drop view %I', relname) as statement, 1 as place
    from relation
   where relkind = 'v' and ours
  union all
  select 'constraint', relname, conname, format('alter table %I drop constraint %I', relname, conname), 2
    from relation
    join pg_constraint on conrelid = relation.oid
   where ours is not true
     and obj_description(pg_constraint.oid, 'pg_constraint') = 'crm-migrations: made by 20251107_create_schema'
  union all
  select 'index', relation.relname, indexed.relname, format('drop index %I', indexed.relname), 3
    from relation
    join pg_index on indrelid = relation.oid
    join pg_class indexed on indexed.oid = indexrelid
   where ours is not true
     and (obj_description(indexrelid, 'pg_class') like 'crm-migrations: made by %'
          or exists (select
                       from pg_depend
                       join function on refclassid = 'pg_proc'::regclass and refobjid = function.oid
                      where classid = 'pg_class'::regclass
                        and objid = indexrelid))
  union all
  select 'column', relname, attname, format('alter table %I drop column %I', relname, attname), 4
    from relation
    join pg_attribute on attrelid = relation.oid and attnum > 0 and not attisdropped
   where ours is not true
     and col_description(attrelid, attnum) = 'crm-migrations: made by 20251107_create_schema'
  union all
  select 'table', relname, null, format('%I', relname), 5
    from relation
   where relkind = 'r' and ours
  union all
  select 'function', null, null, oid::regprocedure::text, 6
    from function
  union all
  select 'type', null, null, format('drop type %I', typname), 7
    from pg_type
   where typnamespace = quote_ident(current_schema())::regnamespace
     and obj_description(oid, 'pg_type') = 'crm-migrations: made by 20251107_create_schema';

-- 3. Nothing of value is in it. The tables are locked first, so that no row can come in between.
do $$
declare
  candidate record;
  condition text;
  found     bigint;
  kept      text := '';
begin
  for candidate in
    select distinct table_name from made where kind in ('table', 'column', 'index', 'constraint') order by table_name
  loop
    execute format('lock table %I in access exclusive mode', candidate.table_name);
  end loop;
  for candidate in
    select made.kind, made.table_name, made.part, pg_get_expr(adbin, adrelid) as preset
      from made
      left join pg_attribute on attrelid = quote_ident(made.table_name)::regclass and attname = made.part and made.kind = 'column'
      left join pg_attrdef on adrelid = attrelid and adnum = attnum
     where made.kind in ('table', 'column')
       and made.table_name not like 'migration\_%'
     order by made.table_name, made.part
  loop
    -- The time at which a column was added to a row is no value of its own.
    continue when candidate.preset = 'now()';
    condition := case
                   when candidate.part is null then 'true'
                   else format('%I is distinct from %s', candidate.part, coalesce(candidate.preset, 'null'))
                 end;
    execute format('select count(*) from %I where %s', candidate.table_name, condition) into found;
    if found > 0 then
      kept := kept || format(E'\n  %I%s: %s', candidate.table_name, '.' || quote_ident(candidate.part), found);
    end if;
  end loop;
  if kept <> '' then
    raise exception 'nothing was changed: there are rows that the rollback would lose:%', kept
      using hint = 'Roll back the later batches first, and move or delete what is left.';
  end if;
end $$;

-- 4. Our records of what was done. Entries of later folders go too: their indexes went with the tables.
do $$
declare
  folders constant text[] := array[
    '20251107_create_schema', '20251108_add_fts_indexes', '20251109_backfill_customers',
    '20251110_backfill_conversations_messages', '20251111_backfill_memory_notes', '20251112_backfill_umnico_conversations',
    '20251113_backfill_freshchat_messages', '20251114_sync_wildberries_chats', '20251115_classify_chats',
    '20251116_migrate_business_data'];
begin
  if to_regclass('"Audit"') is not null then
    delete from "Audit"
     where lead_id is null
       and actor = 'system'
       and action in (select substr(folder, 10) from unnest(folders) folder)
       and payload ? 'runId';
  end if;
  if to_regclass('_prisma_migrations') is not null then
    delete from _prisma_migrations where migration_name = any (folders);
  end if;
  if to_regclass('migration_runs') is not null then
    update migration_runs set status = 'rolled_back' where script in ('create-schema', 'add-fts-indexes');
  end if;
end $$;

-- 5. The drops. Something of yours that leans on one of our tables, types or functions stops them, and keeps all.
do $$
declare
  drop_part text;
  tables    constant text := (select string_agg(statement, ', ') from made where kind = 'table');
  functions constant text := (select string_agg(statement, ', ') from made where kind = 'function');
begin
  if not exists (select from made) then
    raise notice 'nothing to roll back: nothing here was made by batch 1';
    return;
  end if;
  for drop_part in
    select statement from made where place < 5 order by place, table_name, part
  loop
    execute drop_part;
  end loop;
  -- Each in one statement, since they lean on one another.
  execute coalesce('drop table ' || tables, 'select');
  execute coalesce('drop function ' || functions, 'select');
  for drop_part in
    select statement from made where kind = 'type' order by statement
  loop
    execute drop_part;
  end loop;
end $$;

-- 6. Nothing of ours is left.
do $$
begin
  if exists (select
               from pg_description
              where description = 'crm-migrations: made by 20251107_create_schema'
                and (objoid in (select oid from pg_class where relnamespace = quote_ident(current_schema())::regnamespace)
                     or objoid in (select oid from pg_proc where pronamespace = quote_ident(current_schema())::regnamespace)
                     or objoid in (select oid from pg_type where typnamespace = quote_ident(current_schema())::regnamespace))) then
    raise exception 'something that batch 1 made is left: nothing was changed';
  end if;
end $$;

-- What stays: tables that were here before.
select relname as table_name, null::text as row_id, 'was here before batch 1' as reason
  from pg_class
 where relnamespace = quote_ident(current_schema())::regnamespace
   and relkind in ('r', 'p')
   and relname in ('Lead', 'Job', 'Audit', 'Customer', 'Conversation', 'Message', 'MemoryNote', 'bookings', 'external_refs',
                   'stores', 'sync_logs', 'migration_runs', 'migration_checkpoints', 'migration_errors', 'migration_effects')
 order by relname;

commit;
