\set ON_ERROR_STOP on
-- Drops the CRM's own tables: Lead, Job, Audit, and the enum type Channel. Run by hand only, after batch 1 was rolled back.
-- Usage: psql "$DATABASE_URL" -f rollback.sql. Refuses unless the three are empty and Prisma made them: a CRM that was
-- here first (recorded by --baseline) is never dropped. Safe to run twice: the second time there is nothing to do.
begin;

set local lock_timeout = '10s';

do $$
declare
  made boolean := false;
  kept text := '';
begin
  if not pg_try_advisory_xact_lock(hashtextextended('crm-migrations:create-schema', 0)) then
    raise exception 'a run of create-schema is at work: wait until it has ended' using errcode = 'lock_not_available';
  end if;
  if nullif(current_setting('backfill.run_id', true), '') is not null then
    raise exception 'backfill.run_id: the CRM''s tables belong to no run';
  end if;
  raise notice 'rolling back the CRM''s own tables';
  if to_regclass('"Lead"') is null and to_regclass('"Job"') is null and to_regclass('"Audit"') is null then
    raise notice 'nothing to roll back: the tables are not here';
    return;
  end if;
  if to_regclass('_prisma_migrations') is not null then
    if exists (select
                 from _prisma_migrations
                where migration_name = '20251107_create_schema'
                  and finished_at is not null
                  and rolled_back_at is null) then
      raise exception 'batch 1 is applied: run 20251107_create_schema/rollback.sql first';
    end if;
    made := exists (select
                      from _prisma_migrations
                     where migration_name = '20251101_create_crm'
                       and finished_at is not null
                       and rolled_back_at is null
                       and applied_steps_count = 1);
  end if;
  if not made then
    raise exception 'the CRM was here first, and is not ours to drop';
  end if;
  lock table "Lead", "Job", "Audit" in access exclusive mode;
  if exists (select from "Lead")  then kept := kept || ' Lead';  end if;
  if exists (select from "Job")   then kept := kept || ' Job';   end if;
  if exists (select from "Audit") then kept := kept || ' Audit'; end if;
  if kept <> '' then
    raise exception 'nothing was changed: these tables hold rows:%', kept;
  end if;
  drop table "Job", "Lead", "Audit";
  drop type "Channel";
  delete from _prisma_migrations where migration_name = '20251101_create_crm';
end $$;

-- What stays: nothing.
select null::text as table_name, null::text as row_id, null::text as reason where false;

commit;
