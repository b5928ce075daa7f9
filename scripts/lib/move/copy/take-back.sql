-- Takes back what copies inserted: the rows whose present version the noted transactions wrote, and no others. What somebody has
-- changed since, and what a row that stays refers to, is kept and listed.
-- Needs backfill_run (id), the runs, and backfill_kept (table_name, row_id, reason), both temporary. What a sync of these runs
-- changed must have been put back before, and its rows' keys stand in backfill_restored (table_name, place), where there are any.
create temp table backfill_note on commit drop as
  select e.id, e.table_name, e.row_id, e.before ->> 'xid' as xid,
         -- A note that was restored from a dump has another number; and after 2^32 transactions numbers come again.
         e.xmin::text = e.before ->> 'xid'
     and (pg_current_xact_id()::text::numeric - (e.before ->> 'transaction')::numeric) < 4294967296 as holds
    from migration_effects e
   where e.action = 'copy'
     and e.run_id in (select id from backfill_run);

insert into backfill_kept
select table_name, row_id, 'the database was restored since, so that nothing tells which rows these are'
  from backfill_note
 where not holds;

create temp table backfill_row (target regclass, place tid, kept boolean not null default false) on commit drop;

do $$
declare
  target text;
begin
  for target in select distinct table_name from backfill_note where holds order by 1
  loop
    continue when to_regclass(target) is null;
    execute format('insert into backfill_row (target, place)
                    select %L::regclass, t.ctid from %s t
                     where t.xmin::text in (select xid from backfill_note where table_name = %L and holds)
                       for update', target, target, target);
    if to_regclass('pg_temp.backfill_restored') is not null then
      execute 'insert into backfill_row (target, place)
               select to_regclass($1), place from pg_temp.backfill_restored where table_name = $1' using target;
    end if;
  end loop;
end $$;

create temp table backfill_deferred (referring regclass, conname name) on commit drop;
create index on backfill_row (target, place);
analyze backfill_row;

-- Whatever refers to a row that goes, and stays itself, keeps it; and so on, until nothing changes any more.
do $$
declare
  key     record;
  changed bigint;
  more    boolean := true;
begin
  while more loop
    more := false;
    for key in
      select conrelid::regclass as referring, confrelid::regclass as target,
             (select string_agg(format('r.%I = p.%I', child.attname, parent.attname), ' and ')
                from unnest(conkey, confkey) as pair (child_number, parent_number)
                join pg_attribute child  on child.attrelid  = conrelid  and child.attnum  = child_number
                join pg_attribute parent on parent.attrelid = confrelid and parent.attnum = parent_number) as refers
        from pg_constraint
       where contype = 'f' and confrelid in (select distinct target from backfill_row)
    loop
      execute format('update backfill_row b set kept = true from %s p
                       where b.target = %L::regclass and not b.kept and p.ctid = b.place
                         and exists (select from %s r
                                      where %s and not exists (select from backfill_row c
                                                                where c.target = %L::regclass and c.place = r.ctid and not c.kept))',
                     key.target, key.target, key.referring, key.refers, key.referring);
      get diagnostics changed = row_count;
      more := more or changed > 0;
    end loop;
  end loop;
end $$;

insert into backfill_kept
select n.table_name, 'rows', format('%s rows are referred to by rows that stay', count(*))
  from backfill_row b
  join (select distinct table_name from backfill_note) n on to_regclass(n.table_name) = b.target
 where b.kept
 group by n.table_name;

-- All that goes refers only to what goes, too: the foreign keys between are checked when it is gone.
do $$
declare
  key    record;
  target regclass;
begin
  for key in select conname, conrelid::regclass as referring from pg_constraint
              where contype = 'f' and not condeferrable
                and conrelid  in (select b.target from backfill_row b)
                and confrelid in (select b.target from backfill_row b)
                and confdeltype = 'a'
  loop
    execute format('alter table %s alter constraint %I deferrable', key.referring, key.conname);
    insert into backfill_deferred values (key.referring, key.conname);
  end loop;
  set constraints all deferred;
  for target in select distinct b.target from backfill_row b where not kept
  loop
    execute format('delete from %s t using backfill_row b where b.target = %L::regclass and b.place = t.ctid and not b.kept',
                   target, target);
  end loop;
  set constraints all immediate;
  for key in select * from backfill_deferred
  loop
    execute format('alter table %s alter constraint %I not deferrable', key.referring, key.conname);
  end loop;
end $$;
