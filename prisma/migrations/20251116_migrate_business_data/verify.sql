\set ON_ERROR_STOP on
-- Verifies batch 10, migrate-business-data, as far as the target alone can tell: the script's own verify step compares every row with
-- the source. Each check selects what is wrong; no rows are good. The last statement raises when a failure found something.
-- Usage: psql "$DATABASE_URL" -f verify.sql. Only reads. What is asked of each table is counted through query_to_xml, as plain SQL
-- can't name a table that is only known when it runs.
select set_config('verify.failed', '', false) as "checks that failed so far";

-- check: every table that rows were copied into is there (failure)
select distinct e.table_name, set_config('verify.failed', 'table', false) as "check"
  from migration_effects e
  join migration_runs r on r.id = e.run_id
 where r.script = 'migrate-business-data'
   and r.status <> 'rolled_back'
   and e.action = 'copy'
   and to_regclass(e.table_name) is null;

-- check: every row that was put off has come (failure)
select e.table_name, jsonb_array_length(e.before -> 'keys') as rows, e.before -> 'keys' -> 0 as first_key,
       set_config('verify.failed', 'rows that were put off', false) as "check"
  from migration_effects e
  join migration_runs r on r.id = e.run_id
 where r.script = 'migrate-business-data'
   and r.status <> 'rolled_back'
   and e.action = 'put off';

-- check: every index, foreign key and trigger that waited for the rows is made (failure)
select e.table_name, e.row_id as waits, set_config('verify.failed', 'index, foreign key or trigger', false) as "check"
  from migration_effects e
  join migration_runs r on r.id = e.run_id
 where r.script = 'migrate-business-data'
   and r.status <> 'rolled_back'
   and e.action = 'make later'
   and to_regclass(e.table_name) is not null;

-- check: foreign keys of the copied tables are validated (failure)
select c.conrelid::regclass::text as table_name, c.conname, set_config('verify.failed', 'foreign key', false) as "check"
  from pg_constraint c
 where c.contype = 'f'
   and not c.convalidated
   and c.conrelid in (select to_regclass(e.table_name)
                        from migration_effects e
                        join migration_runs r on r.id = e.run_id
                       where r.script = 'migrate-business-data'
                         and r.status <> 'rolled_back'
                         and e.action = 'copy');

-- check: every row that a copied table refers to is there (failure)
-- Keys of an extension's type are compared by its own operators, wherever it lives.
do $$
begin
  perform set_config('search_path', concat_ws(', ', current_setting('search_path'), string_agg(distinct quote_ident(n.nspname), ', ')), false)
     from pg_extension e
     join pg_namespace n on n.oid = e.extnamespace
    where n.nspname <> 'pg_catalog'
      and n.nspname <> all (current_schemas(false))
   having count(*) > 0;
end $$;

select table_name, conname, orphans, set_config('verify.failed', 'orphans', false) as "check"
  from (select c.conrelid::regclass::text as table_name, c.conname,
               substring(query_to_xml(format('select count(*) as n from %s r where %s and not exists (select from %s p where %s)',
                                             c.conrelid::regclass, k.whole, c.confrelid::regclass, k.refers),
                                      false, true, '')::text from '<n>(\d+)</n>')::bigint as orphans
          from pg_constraint c
         cross join lateral (
               select string_agg(format('r.%I is not null', child.attname), ' and ')             as whole,
                      string_agg(format('p.%I = r.%I', parent.attname, child.attname), ' and ') as refers
                 from unnest(c.conkey, c.confkey) as pair (child_number, parent_number)
                 join pg_attribute child  on child.attrelid  = c.conrelid  and child.attnum  = child_number
                 join pg_attribute parent on parent.attrelid = c.confrelid and parent.attnum = parent_number) k
         where c.contype = 'f'
           and c.conparentid = 0
           and c.conrelid in (select to_regclass(e.table_name)
                                from migration_effects e
                                join migration_runs r on r.id = e.run_id
                               where r.script = 'migrate-business-data'
                                 and r.status <> 'rolled_back'
                                 and e.action = 'copy')) counted
 where orphans > 0;

-- check: the sequences of the copied tables are past their highest value (failure)
select table_name, column_name, sequence_name, set_config('verify.failed', 'sequence', false) as "check"
  from (select u.table_name, u.column_name, u.sequence_name,
               query_to_xml(format('select %s(%I) %s (select last_value::numeric + case when is_called then %s else 0 end from %s) as n from %s',
                                   case when s.seqincrement > 0 then 'max' else 'min' end, u.column_name,
                                   case when s.seqincrement > 0 then '>=' else '<=' end, s.seqincrement,
                                   u.sequence_name, u.table_name), false, true, '')::text like '%<n>true</n>%' as is_behind
          from (select distinct t.oid::regclass::text as table_name, a.attname as column_name, d.sequence,
                       d.sequence::regclass::text as sequence_name
                  from (select distinct to_regclass(e.table_name)::oid as oid
                          from migration_effects e
                          join migration_runs r on r.id = e.run_id
                         where r.script = 'migrate-business-data'
                           and r.status <> 'rolled_back'
                           and e.action = 'copy') t
                  join pg_attribute a on a.attrelid = t.oid and a.attnum > 0 and not a.attisdropped
                  join pg_type y on y.oid = a.atttypid and y.typcategory = 'N'
                 cross join lateral (
                       select objid as sequence -- serial and identity columns own theirs
                         from pg_depend
                        where classid = 'pg_class'::regclass
                          and refclassid = 'pg_class'::regclass
                          and refobjid = t.oid
                          and refobjsubid = a.attnum
                          and deptype in ('a', 'i')
                        union
                       select p.refobjid -- others are named in a default
                         from pg_attrdef f
                         join pg_depend p on p.classid = 'pg_attrdef'::regclass and p.objid = f.oid and p.refclassid = 'pg_class'::regclass
                        where f.adrelid = t.oid
                          and f.adnum = a.attnum) d
                 where d.sequence in (select seqrelid from pg_sequence)) u
          join pg_sequence s on s.seqrelid = u.sequence) looked_at
 where is_behind;

-- check: every preserved table is there (failure)
select distinct e.table_name, set_config('verify.failed', 'preserved table', false) as "check"
  from migration_effects e
  join migration_runs r on r.id = e.run_id
 where r.script = 'migrate-business-data'
   and r.status <> 'rolled_back'
   and e.action = 'preserve'
   and to_regclass(e.table_name) is null;

-- check: no table is guarded while no run is at work (failure)
select t.tgrelid::regclass::text as table_name, t.tgname, set_config('verify.failed', 'guard', false) as "check"
  from pg_trigger t
 where t.tgname in ('crm_move_guard', 'crm_move_guard_truncate')
   and t.tgparentid = 0
   and not exists (select
                     from pg_locks l
                    where l.locktype = 'advisory'
                      and l.granted
                      and l.objsubid = 1
                      and l.database = (select oid from pg_database where datname = current_database())
                      and (l.classid::bigint << 32) | l.objid::bigint = hashtextextended('crm-migrations:migrate-business-data', 0));

-- check: items in quarantine (failure)
select item_key, code, message, set_config('verify.failed', 'quarantine', false) as "check"
  from migration_errors
 where script = 'migrate-business-data'
   and resolved_at is null;

-- check: preserved tables hold fewer rows than before (warning)
select table_name, before, now
  from (select kept.table_name, kept.before,
               substring(query_to_xml(format('select count(*) as n from %s', to_regclass(kept.table_name)), false, true, '')::text
                         from '<n>(\d+)</n>')::bigint as now
          from (select distinct on (e.table_name) e.table_name, sum(jsonb_array_length(e.before)) as before
                  from migration_effects e
                  join migration_runs r on r.id = e.run_id
                 where r.script = 'migrate-business-data'
                   and r.status <> 'rolled_back'
                   and e.action = 'preserve'
                   and jsonb_typeof(e.before) = 'array'
              group by e.table_name, e.run_id
              order by e.table_name, e.run_id desc) kept
         where to_regclass(kept.table_name) is not null) counted
 where now < before;

-- check: rows that rollback.sql can't tell from others any more, as the database was restored from a dump (warning)
select e.table_name, sum((e.before ->> 'rows')::bigint) as rows
  from migration_effects e
  join migration_runs r on r.id = e.run_id
 where r.script = 'migrate-business-data'
   and r.status <> 'rolled_back'
   and e.action = 'copy'
   and e.xmin::text <> coalesce(e.before ->> 'writtenAgainBy', e.before ->> 'xid')
group by e.table_name;

-- check: a run that was stopped and can go on (warning)
select partition, updated_at, run_id
  from migration_checkpoints
 where script = 'migrate-business-data';

do $$
begin
  if current_setting('verify.failed') <> '' then
    raise exception 'batch 10 does not hold: see the rows above (last: %)', current_setting('verify.failed');
  end if;
end $$;
