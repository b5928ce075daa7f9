-- Takes back what copies inserted: the rows whose present version the noted transactions wrote, those of backfill_restored, and no
-- others. What somebody has changed since, and what a row that stays refers to, is kept and listed.
-- Needs what noted.sql makes, and that what syncs of these runs changed has been put back.
insert into backfill_kept
select table_name, row_id, 'the database was restored since, so that nothing tells which rows these are'
  from backfill_note
 where chosen
   and not holds;

create temp table backfill_row (
  table_name text, row_id text, part oid, place tid, writer text, kept boolean not null default false
) on commit drop;

-- Partitions number their places each for itself.
do $$
declare
  target text;
begin
  insert into backfill_row select * from backfill_restored where place is not null;
  analyze backfill_restored, backfill_theirs;
  for target in select distinct table_name from backfill_note where chosen and holds order by 1
  loop
    continue when to_regclass(target) is null;
    execute format('insert into backfill_row (table_name, part, place, writer)
                    select $1, t.tableoid, t.ctid, t.xmin::text
                      from %s t
                     where t.xmin::text in (select xid from backfill_note where table_name = $1 and chosen and holds)
                       and not exists (select from backfill_theirs b where b.part = t.tableoid and b.place = t.ctid)
                       and not exists (select from backfill_restored b where b.part = t.tableoid and b.place = t.ctid)
                       for update', target) using target;
  end loop;
end $$;

create index on backfill_row (part, place);
analyze backfill_row;

insert into backfill_kept
select table_name, 'rows', format('%s of the copied rows were changed or deleted since; those that are there stay', missing)
  from (select table_name, sum(rows) -- its own, and those that are known otherwise
                         - (select count(*) from backfill_row b where b.table_name = n.table_name and b.row_id is null)
                         - (select count(*) from backfill_restored b where b.table_name = n.table_name) as missing
          from backfill_note n
         where chosen and holds
      group by table_name) counted
 where missing > 0;

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
       where contype = 'f'
         and conparentid = 0
         and confrelid in (select part from backfill_row union select to_regclass(table_name) from backfill_row)
    loop
      execute format('update backfill_row b set kept = true from %s p
                       where not b.kept and p.tableoid = b.part and p.ctid = b.place
                         and exists (select from %s r
                                      where %s and not exists (select from backfill_row c
                                                                where c.part = r.tableoid and c.place = r.ctid and not c.kept))',
                     key.target, key.referring, key.refers);
      get diagnostics changed = row_count;
      more := more or changed > 0;
    end loop;
  end loop;
end $$;

insert into backfill_kept
select table_name, coalesce(row_id, 'rows'),
       case when row_id is null then format('%s rows are referred to by rows that stay', count(*))
            else 'referred to by a row that stays' end
  from backfill_row
 where kept
 group by table_name, row_id;

-- One statement: when the foreign keys are looked at, all that goes is gone.
do $$
declare
  statement text;
begin
  select 'with ' || string_agg(format('gone_%s as (delete from %s t using backfill_row b
                                                    where b.table_name = %L and not b.kept and t.tableoid = b.part and t.ctid = b.place)',
                                      number, table_name, table_name), ', ') || ' select'
    into statement
    from (select table_name, row_number() over () as number
            from (select distinct table_name from backfill_row where not kept) named) numbered;
  if statement is not null then
    execute statement;
  end if;
end $$;
