-- Which rows the copies of these runs made, as far as PostgreSQL still tells.
-- Needs backfill_run (id), the runs, and backfill_kept (table_name, row_id, reason), both temporary.
create temp table backfill_note on commit drop as
  select e.id, e.run_id, e.table_name, e.row_id, (e.before ->> 'rows')::bigint as rows, e.before ->> 'xid' as xid,
         e.run_id in (select id from backfill_run) as chosen,
         -- A note that was restored from a dump has another number; and after 2^32 transactions numbers come again.
         e.xmin::text = coalesce(e.before ->> 'writtenAgainBy', e.before ->> 'xid')
     and pg_current_xact_id()::text::numeric - (e.before ->> 'transaction')::numeric < 4294967296 as holds
    from migration_effects e
    join migration_runs r on r.id = e.run_id
   where e.action = 'copy'
     and r.script in (select script from migration_runs where id in (select id from backfill_run));

-- Rows of the copies that another transaction has written since, and that are known all the same; `place` is empty where they are gone.
create temp table backfill_restored (table_name text, row_id text, part oid, place tid, writer text) on commit drop;
-- Rows that are not the copies', whoever wrote their present version.
create temp table backfill_theirs (part oid, place tid) on commit drop;

-- Triggers rest for the time of it: they would change what is put back, and stop what is taken back.
create temp table backfill_trigger on commit drop as
  select tgrelid::regclass as target, tgname, tgenabled
    from pg_trigger
   where not tgisinternal
     and tgenabled in ('O', 'A')
     and tgrelid in (select to_regclass(table_name)
                       from migration_effects
                      where run_id in (select id from backfill_run)
                        and action in ('copy', 'insert', 'update', 'delete'));

do $$
declare
  resting record;
begin
  set constraints all immediate;
  for resting in select * from backfill_trigger
  loop
    execute format('alter table %s disable trigger %I', resting.target, resting.tgname);
  end loop;
end $$;

-- For each row that goes, PostgreSQL looks for rows that refer to it: where many go, no index helps, and the table is large, one is
-- made for the time of it. Now, as it could not be used over rows that this transaction has changed.
create temp table backfill_index (name text) on commit drop;

do $$
declare
  key record;
begin
  for key in
    select c.oid, c.conrelid::regclass as referring, n.nspname,
           (select string_agg(quote_ident(attname), ', ') from pg_attribute where attrelid = conrelid and attnum = any (conkey)) as columns
      from pg_constraint c
      join pg_class r on r.oid = c.conrelid
      join pg_namespace n on n.oid = r.relnamespace
      join (select to_regclass(table_name) as target, sum(rows) as rows from backfill_note where chosen and holds group by 1) goes
        on goes.target = c.confrelid
     where c.contype = 'f'
       and c.conparentid = 0
       and goes.rows > 100
       and goes.rows * greatest(pg_relation_size(c.conrelid), case r.relkind when 'p' then 100000000 end) / 8192 > 10000
       and not exists (select
                         from pg_index i
                        where i.indrelid = c.conrelid
                          and i.indisvalid
                          and i.indpred is null
                          and c.conkey @> (i.indkey::int2[])[0:cardinality(c.conkey) - 1]
                          and c.conkey <@ (i.indkey::int2[])[0:cardinality(c.conkey) - 1])
  loop
    begin
      execute format('create index backfill_%s on %s (%s)', key.oid, key.referring, key.columns);
      insert into backfill_index values (format('%I.backfill_%s', key.nspname, key.oid));
    exception when insufficient_privilege then
      null; -- it takes longer without
    end;
  end loop;
end $$;
