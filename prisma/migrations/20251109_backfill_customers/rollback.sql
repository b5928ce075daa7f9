\set ON_ERROR_STOP on
-- Undoes batch 3, backfill-customers: leads and jobs get the customer back that they had before, and the customers that the
-- batch made go, unless they were edited or somebody else uses them.
-- Usage: psql "$DATABASE_URL" -f rollback.sql
-- One run only: PGOPTIONS='-c backfill.run_id=12' psql "$DATABASE_URL" -f rollback.sql
-- Where the URL has options= of its own, psql doesn't look at PGOPTIONS: put it there, behind a blank (%20).
-- What is kept is listed at the end. Refuses while batch 4 or 5 is applied. Safe to run twice.
begin;

set local lock_timeout = '10s';
set local timezone = 'UTC'; -- the hashes of migration_effects were made in it

-- 1. Nobody else is at work, and what is asked for makes sense.
do $$
declare
  run   constant text := nullif(current_setting('backfill.run_id', true), '');
  later text;
begin
  if to_regclass('migration_runs') is null then
    raise exception 'nothing was changed: batch 1 is not applied here, so there is nothing of batch 3';
  end if;
  if not pg_try_advisory_xact_lock(hashtextextended('crm-migrations:backfill-customers', 0)) then
    raise exception 'nothing was changed: a run of backfill-customers is at work, wait until it has ended'
      using errcode = 'lock_not_available';
  end if;
  if run is null then
    raise notice 'rolling back ALL runs of batch 3';
  elsif exists (select from migration_runs r where r.id::text = run and r.script = 'backfill-customers') then
    raise notice 'rolling back run %', run;
  else
    raise exception 'nothing was changed: backfill.run_id % is not a run of backfill-customers', run;
  end if;
  select string_agg(distinct script, ', ') into later
    from migration_runs
   where script in ('backfill-conversations-messages', 'backfill-memory-notes')
     and mode = 'write'
     and status <> 'rolled_back';
  if later is not null then
    raise exception 'nothing was changed: applied after batch 3 and built on it: %', later
      using hint = 'Roll these back first.';
  end if;
end $$;

create temp table backfill_run on commit drop as
  select id
    from migration_runs
   where script = 'backfill-customers'
     and id::text = coalesce(nullif(current_setting('backfill.run_id', true), ''), id::text);

create temp table backfill_kept (table_name text, row_id text, reason text) on commit drop;

create temp table backfill_effect on commit drop as
  select e.id, e.run_id, e.table_name, e.row_id, e.action, e.before, e.hash,
         exists (select
                   from migration_effects later
                   join migration_runs r on r.id = later.run_id and r.script = 'backfill-customers'
                  where later.table_name = e.table_name
                    and later.row_id = e.row_id
                    and later.run_id > e.run_id
                    and later.run_id not in (select id from backfill_run)) as linked_again
    from migration_effects e
   where e.run_id in (select id from backfill_run);

create temp table backfill_customer on commit drop as
  select c.id, e.hash, null::text as reason
    from "Customer" c
    left join backfill_effect e on e.table_name = 'Customer' and e.row_id = c.id::text and e.action = 'insert'
   where e.id is not null
      or c.metadata ->> 'source' = 'lead_backfill' and c.metadata ->> 'runId' in (select id::text from backfill_run);

create unique index on backfill_customer (id);
create index on backfill_effect (table_name, row_id);
analyze backfill_effect, backfill_customer;

-- 2. The customers are locked in one statement, and who uses them is looked up in later ones: whoever takes one in between is
-- seen, and whoever comes later waits until we are done.
do $$
begin
  perform from "Customer" c
          where c.id in (select id from backfill_customer)
       order by c.id
            for update;
end $$;

-- 3. Leads and jobs, unless somebody has given them another customer since.
update "Lead" l
   set customer_id = (e.before ->> 'customer_id')::uuid
  from backfill_effect e
 where e.table_name = 'Lead'
   and e.action = 'update'
   and e.row_id = l.id::text
   and md5(l.customer_id::text) = e.hash
   and not e.linked_again;

update "Job" j
   set customer_id = (e.before ->> 'customer_id')::uuid
  from backfill_effect e
 where e.table_name = 'Job'
   and e.action = 'update'
   and e.row_id = j.id::text
   and md5(j.customer_id::text) = e.hash
   and not e.linked_again;

insert into backfill_kept
select e.table_name, e.row_id,
       case when e.linked_again then 'linked again by a later run' else 'has another customer since' end
  from backfill_effect e
  left join "Lead" l on e.table_name = 'Lead' and e.row_id = l.id::text
  left join "Job"  j on e.table_name = 'Job'  and e.row_id = j.id::text
 where e.action = 'update'
   and (l.id is not null and l.customer_id is distinct from (e.before ->> 'customer_id')::uuid
     or j.id is not null and j.customer_id is distinct from (e.before ->> 'customer_id')::uuid);

-- 4. Customers, unless they were edited, or anything still refers to them.
update backfill_customer b
   set reason = case
                  when b.hash is null then 'no record in migration_effects that the run made it'
                  when md5(jsonb_build_array(c.name, c.phone, c.email, c.metadata)::text) <> b.hash then 'edited since'
                  when exists (select from external_refs r
                                where lower(r.entity_type) = 'customer' and r.entity_id::text = c.id::text)
                    then 'in use by external_refs'
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

-- 5. The records of what was done; what was kept can still be taken back later.
delete from migration_checkpoints where script = 'backfill-customers';
delete from migration_errors      where script = 'backfill-customers' and run_id in (select id from backfill_run);
delete from migration_effects e
      where e.run_id in (select id from backfill_run)
        and not exists (select from backfill_kept k where k.table_name = e.table_name and k.row_id = e.row_id);
delete from "Audit"
      where lead_id is null
        and actor = 'system'
        and action = 'backfill_customers'
        and payload ->> 'runId' in (select id::text from backfill_run);
update migration_runs set status = 'rolled_back' where id in (select id from backfill_run);

-- 6. Nothing of it is left.
do $$
begin
  if exists (select
               from "Customer" c
              where c.id in (select id from backfill_customer)
                and c.id::text not in (select row_id from backfill_kept where table_name = 'Customer')) then
    raise exception 'nothing was changed: something of batch 3 would be left';
  end if;
end $$;

-- What was kept, and why.
select distinct table_name, row_id, reason
  from backfill_kept
 order by table_name, row_id;

commit;
