\set ON_ERROR_STOP on
-- Undoes batch 10, migrate-business-data: takes the rows back that it inserted, gives those back what they held that it changed or
-- deleted, drops what it made, and nothing else. Preserved tables are not written.
-- Usage: psql "$DATABASE_URL" -f rollback.sql
-- One run only: PGOPTIONS='-c backfill.run_id=12' psql "$DATABASE_URL" -f rollback.sql
-- Where the URL has options= of its own, psql doesn't look at PGOPTIONS: put it there, behind a blank (%20).
-- What was added or edited since is kept, and listed at the end. Safe to run twice. The batch can run again afterwards.
-- What --drop-existing dropped does not come back, and sequences stay where they are. The parts with the name of a file behind
-- their heading are those files; a test holds them together.
begin;

set local lock_timeout = '10s';
-- A row's text, of which migration_effects holds hashes, is the same again in these; nor is a row left out that can't be seen.
set local timezone = 'UTC';
set local datestyle = 'ISO, YMD';
set local intervalstyle = postgres;
set local extra_float_digits = 1;
set local bytea_output = hex;
set local lc_monetary = 'C';
set local standard_conforming_strings = on;
set local xmloption = content;
set local row_security = off;
set local work_mem = '64MB';
set local jit = off;
-- Keys of an extension's type are compared by its own operators, wherever it lives.
do $$
begin
  perform set_config('backfill.search_path', current_setting('search_path'), true);
  perform set_config('search_path', concat_ws(', ', current_setting('search_path'), string_agg(distinct quote_ident(n.nspname), ', ')), true)
     from pg_extension e
     join pg_namespace n on n.oid = e.extnamespace
    where n.nspname <> 'pg_catalog'
      and n.nspname <> all (current_schemas(false))
   having count(*) > 0;
end $$;

-- 1. Nobody else is at work, and what is asked for makes sense.
do $$
declare
  script constant text := 'migrate-business-data';
  run    constant text := nullif(current_setting('backfill.run_id', true), '');
begin
  if to_regclass('migration_runs') is null then
    raise exception 'nothing was changed: batch 1 is not applied here, so there is nothing of batch 10';
  end if;
  if not pg_try_advisory_xact_lock(hashtextextended('crm-migrations:' || script, 0)) then
    raise exception 'nothing was changed: a run of % is at work, wait until it has ended', script
      using errcode = 'lock_not_available';
  end if;
  if run is null then
    raise notice 'rolling back ALL runs of batch 10';
  elsif exists (select from migration_runs r where r.id::text = run and r.script = 'migrate-business-data') then
    raise notice 'rolling back run %', run;
  else
    raise exception 'nothing was changed: backfill.run_id % is not a run of %', run, script;
  end if;
end $$;

create temp table backfill_run on commit drop as
  select id
    from migration_runs
   where script = 'migrate-business-data'
     and id::text = coalesce(nullif(current_setting('backfill.run_id', true), ''), id::text);

create temp table backfill_kept (table_name text, row_id text, reason text) on commit drop;

-- 2. Guards of a run that was killed (scripts/lib/move/preserve/release.sql).
-- Takes the guards off preserved tables, also those that a run left behind that was killed.
do $$
declare
  guarded record;
begin
  for guarded in
    select t.tgname, t.tgrelid::regclass as name
      from pg_trigger t
     where t.tgname in ('crm_move_guard', 'crm_move_guard_truncate')
       and t.tgparentid = 0
  loop
    execute format('drop trigger %I on %s', guarded.tgname, guarded.name);
  end loop;
  if to_regprocedure('crm_move_guard()') is not null then
    drop function crm_move_guard();
  end if;
end $$;

-- 3. The rows of the copies (scripts/lib/move/copy/noted.sql).
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

-- 4. What syncs changed and deleted (scripts/lib/move/sync/restore.sql).
-- Puts back what syncs of these runs changed and deleted: of each value the one before the first of them.
-- Needs what copy/noted.sql makes. Rows that go with the copies' stay as they are until then.
create temp table backfill_change on commit drop as
  with told as (
         select id, run_id, table_name, row_id, action, before, hash
           from migration_effects
          where run_id in (select id from backfill_run)
            and action in ('insert', 'update', 'delete')),
       first_value as (
         select distinct on (table_name, row_id, name) table_name, row_id, name, value
           from told
          cross join lateral jsonb_each(before -> 'values') as pair (name, value)
          where action <> 'insert'
       order by table_name, row_id, name, run_id, id),
       valued as (
         select table_name, row_id, jsonb_object_agg(name, value) as old
           from first_value
       group by table_name, row_id)
  select row_number() over (order by min(t.id))                                                   as number,
         table_name, row_id,
         (array_agg(t.before -> 'key'         order by t.run_id, t.id))[1]                        as key,
         (array_agg(t.before -> 'keyNames'    order by t.run_id, t.id))[1]                        as key_names,
         (array_agg(t.before ->> 'writtenBy'  order by t.run_id, t.id))[1]                        as written_by,
         (array_agg(t.action                  order by t.run_id, t.id))[1] = 'insert'             as copied,
         (array_agg(t.action                  order by t.run_id desc, t.id desc))[1]              as action,
         (array_agg(t.hash                    order by t.run_id desc, t.id desc))[1]              as hash,
         coalesce(v.old, '{}')                                                                    as old,
         null::oid as part, null::tid as place, null::text as writer, null::text as content,
         null::text as fate, false as done, null::text as refusal
    from told t
    left join valued v using (table_name, row_id)
group by table_name, row_id, v.old;

-- A row is the copies' where the first of these runs found it as a copy had written it.
update backfill_change b
   set copied = true
  from backfill_note n
 where n.chosen
   and n.table_name = b.table_name
   and n.xid = b.written_by;

create unique index on backfill_change (number);
create index on backfill_change (table_name, row_id);
analyze backfill_change;

-- Looks the rows up, and locks them.
create or replace function pg_temp.backfill_find() returns void language plpgsql as $find$
declare
  one  record;
  same text;
begin
  update backfill_change set part = null, place = null, writer = null, content = null;
  for one in select distinct table_name, key_names from backfill_change where to_regclass(table_name) is not null
  loop
    select case when count(a.attname) = jsonb_array_length(one.key_names)
                then string_agg(format('t.%I = (b.key ->> %s)::%s', a.attname, n.place - 1,
                                       format_type(a.atttypid, a.atttypmod)), ' and ') end
      into same
      from jsonb_array_elements_text(one.key_names) with ordinality as n (name, place)
      join pg_attribute a on a.attrelid = to_regclass(one.table_name) and a.attname = n.name and not a.attisdropped;
    continue when same is null;
    execute format('with found as (
                      select b.number, t.tableoid as part, t.ctid as place, t.xmin::text as writer, md5((t.*)::text) as content
                        from backfill_change b
                        join %s t on %s
                       where b.table_name = $1 and b.key_names = $2
                         for update of t)
                    update backfill_change b
                       set part = f.part, place = f.place, writer = f.writer, content = f.content
                      from found f
                     where f.number = b.number', one.table_name, same) using one.table_name, one.key_names;
  end loop;
end $find$;

do $$ begin perform pg_temp.backfill_find(); end $$;
analyze backfill_change;

update backfill_change b
   set fate = case
                when action = 'delete' and place is null and not copied then 'insert'
                when action = 'delete' and place is null then null
                when action = 'delete' and copied then null -- take-back knows whether it is the copies'
                when action = 'delete' and exists (select
                                                     from backfill_note n
                                                    where n.chosen and n.holds and n.table_name = b.table_name and n.xid = b.writer)
                  then 'update' -- a later copy brought it again
                when action = 'delete' then 'taken'
                when place is null then null
                when content is distinct from hash then 'changed'
                when copied then 'copied'
                else 'update'
              end;

insert into backfill_restored
select table_name, row_id, part, case when fate = 'copied' then place end, written_by
  from backfill_change
 where copied;

insert into backfill_theirs
select part, place
  from backfill_change
 where place is not null
   and not copied;

-- Gives as many rows their values as the database lets it: all of them at once or, where it refuses that, one by one, as long as
-- that gets any of them done. All is one statement, so that foreign keys are checked when every row is there.
create or replace function pg_temp.backfill_put_back() returns void language plpgsql as $put$
declare
  statement text;
  one       bigint;
  more      boolean := true;
begin
  with wanted as (
         select distinct b.fate, b.table_name, b.key_names, a.attname, a.attnum, a.attidentity,
                format_type(a.atttypid, a.atttypmod) as type
           from backfill_change b
          cross join lateral jsonb_object_keys(b.old) as name
           join pg_attribute a on a.attrelid = to_regclass(b.table_name) and a.attname = name and not a.attisdropped
          where b.fate in ('insert', 'update')
            and a.attgenerated = ''),
       of_table as (
         select fate, table_name, key_names,
                string_agg(quote_ident(attname), ', ' order by attnum) as names,
                string_agg(format('(b.old ->> %L)::%s', attname, type), ', ' order by attnum) as values,
                string_agg(format('%I = case when b.old ? %L then (b.old ->> %L)::%s else t.%I end',
                                  attname, attname, attname, type, attname), ', ' order by attnum)
                  filter (where attidentity <> 'a') as changes
           from wanted
       group by fate, table_name, key_names),
       part as (
         select case fate
                  when 'insert' then format('insert into %s (%s) overriding system value select %s from backfill_change b where',
                                            table_name, names, values)
                  else format('update %s t set %s from backfill_change b where t.tableoid = b.part and t.ctid = b.place and',
                              table_name, changes)
                end || format(' not b.done and b.fate = %L and b.table_name = %L and b.key_names = %L and b.number between $1 and $2',
                              fate, table_name, key_names) as text
           from of_table
          where fate = 'insert' or changes is not null)
  select 'with ' || string_agg(format('part_%s as (%s)', number, text), ', ') || ' select'
    into statement
    from (select text, row_number() over () as number from part) numbered;
  if statement is null then
    update backfill_change set done = true where fate in ('insert', 'update');
    return;
  end if;
  begin
    execute statement using 0::bigint, 9223372036854775807;
    update backfill_change set done = true where fate in ('insert', 'update');
    return;
  exception when integrity_constraint_violation or data_exception then
    null; -- some of them are not refused
  end;
  while more loop
    more := false;
    for one in select number from backfill_change where fate in ('insert', 'update') and not done order by number
    loop
      begin
        execute statement using one, one;
        update backfill_change set done = true where number = one;
        more := true;
      exception
        when integrity_constraint_violation then update backfill_change set refusal = sqlerrm where number = one;
        when data_exception then update backfill_change set refusal = 'they do not fit any more' where number = one;
      end;
    end loop;
  end loop;
end $put$;

do $$ begin perform pg_temp.backfill_put_back(); end $$;

-- 5. What copies inserted (scripts/lib/move/copy/take-back.sql).
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

-- 6. What syncs changed, again (scripts/lib/move/sync/restored.sql).
-- Ends what restore.sql began, once the copies' rows are gone that may have stood in its way; then the triggers are at work again.
do $$ begin perform pg_temp.backfill_put_back(); end $$;

insert into backfill_kept
select table_name, row_id,
       case
         when to_regclass(table_name) is null then 'its table is gone'
         when fate = 'taken' then 'a sync deleted it, and somebody has made a row of this key since'
         when fate = 'changed' then 'changed since'
         else format('the values before are refused: %s', refusal)
       end
  from backfill_change
 where fate in ('taken', 'changed')
    or fate in ('insert', 'update') and not done
    or to_regclass(table_name) is null and not copied;

-- A row that goes back to what another run copied is still that run's: from now on its key and its content tell so.
do $$ begin perform pg_temp.backfill_find(); end $$;
drop function pg_temp.backfill_find(), pg_temp.backfill_put_back();

insert into migration_effects (run_id, table_name, row_id, action, before, hash)
select n.run_id, b.table_name, b.row_id, 'insert', jsonb_build_object('key', b.key, 'keyNames', b.key_names), b.content
  from backfill_change b
  join backfill_note n on n.table_name = b.table_name and n.xid = b.written_by and not n.chosen
 where b.done
   and b.place is not null
   and not exists (select -- an earlier change that stays tells it already
                     from migration_effects e
                    where e.table_name = b.table_name
                      and e.row_id = b.row_id
                      and e.action in ('insert', 'update', 'delete')
                      and e.run_id not in (select id from backfill_run))
    on conflict do nothing;

do $$
declare
  resting record;
  made    text;
begin
  for made in select name from backfill_index
  loop
    execute format('drop index %s', made);
  end loop;
  for resting in select * from backfill_trigger
  loop
    execute format('alter table %s enable %s trigger %I', resting.target,
                   case resting.tgenabled when 'A' then 'always' else '' end, resting.tgname);
  end loop;
end $$;

-- 7. Tables and whatever else was made (scripts/lib/move/made/unmake.sql).
-- Drops what the schema steps of these runs made, the last first. Nothing cascades: a table that holds rows, and what something else
-- leans on, is kept and listed. What is executed is made of names that the catalog gives, never of a text of the journal's.
create temp table backfill_made on commit drop as
  select row_number() over (order by run_id, id) as number, table_name, row_id, before ->> 'type' as type,
         array(select jsonb_array_elements_text(before -> 'names')) as names,
         array(select jsonb_array_elements_text(before -> 'args'))  as args,
         (before ->> 'oid')::oid as oid, null::oid as there, null::text as identity, null::text as reason, false as candidate
    from migration_effects
   where action = 'make'
     and run_id in (select id from backfill_run);

do $$
declare
  one  record;
  rows boolean;
begin
  for one in
    select * from backfill_made
     where type in ('table', 'view', 'materialized view', 'sequence', 'type', 'function', 'procedure', 'aggregate', 'schema')
  loop
    begin
      update backfill_made
         set there = a.objid, identity = i.identity
        from pg_get_object_address(one.type, one.names, one.args) a
       cross join lateral pg_identify_object(a.classid, a.objid, 0) i
       where number = one.number;
    exception when undefined_table or undefined_object or undefined_function or invalid_schema_name then
      null; -- it is gone
    end;
  end loop;
  for one in select * from backfill_made where type = 'table' and there = oid order by number
  loop
    execute format('lock table %s in access exclusive mode', one.identity);
    execute format('select exists (select from %s)', one.identity) into rows;
    if rows then
      update backfill_made set reason = 'it has rows that stay' where number = one.number;
    end if;
  end loop;
end $$;

do $$
declare
  one     record;
  key     record;
  said    text;
  changed boolean := true;
  settled boolean;
begin
  while changed loop
    changed := false;
    -- Tables may refer to each other: those go together that each can go, were it not for the others.
    update backfill_made set candidate = type = 'table' and there = oid and reason is distinct from 'it has rows that stay';
    settled := false;
    while not settled loop
      settled := true;
      for one in select * from backfill_made where candidate order by number desc
      loop
        begin
          for key in
            select conname, conrelid::regclass as referring
              from pg_constraint
             where contype = 'f'
               and conparentid = 0
               and confrelid = one.there
               and conrelid <> confrelid
               and conrelid in (select there from backfill_made where candidate)
          loop
            execute format('alter table %s drop constraint %I', key.referring, key.conname);
          end loop;
          execute format('drop table %s restrict', one.identity);
          raise exception using errcode = 'CRM10', message = 'it was only tried';
        exception
          when sqlstate 'CRM10' then null;
          when dependent_objects_still_exist then
            get stacked diagnostics said = pg_exception_detail;
            update backfill_made set candidate = false, reason = split_part(said, E'\n', 1) where number = one.number;
            settled := false;
        end;
      end loop;
    end loop;
    if exists (select from backfill_made where candidate) then
      execute (select format('drop table %s restrict', string_agg(identity, ', ')) from backfill_made where candidate);
      update backfill_made set there = null where candidate;
      changed := true;
    end if;
    for one in select * from backfill_made where type <> 'table' and there = oid order by number desc
    loop
      begin
        execute format('drop %s %s restrict', one.type, one.identity);
        update backfill_made set there = null where number = one.number;
        changed := true;
      exception when dependent_objects_still_exist then
        get stacked diagnostics said = pg_exception_detail;
        update backfill_made set reason = split_part(said, E'\n', 1) where number = one.number;
      end;
    end loop;
  end loop;
end $$;

insert into backfill_kept
select table_name, row_id, case when there = oid then reason else 'somebody has made it anew since' end
  from backfill_made b
 where there = oid
    or there is not null
   and not exists (select from backfill_made later where later.oid = b.there and later.type = b.type);

-- 8. The records of what was done; what was kept can still be taken back later. A copy's note that is written again says so.
update migration_effects e
   set before = e.before || jsonb_build_object('rows', known.rows, 'writtenAgainBy', pg_current_xact_id()::xid::text)
  from (select n.id, (select count(*) from backfill_row b where b.kept and b.table_name = n.table_name and b.writer = n.xid)
                   + (select count(distinct f.row_id) -- rows that runs which stay have changed since
                        from migration_effects f
                       where f.table_name = n.table_name
                         and f.before ->> 'writtenBy' = n.xid
                         and f.action in ('update', 'delete')
                         and f.run_id not in (select id from backfill_run)) as rows
          from backfill_note n
         where n.chosen
           and n.holds) known
 where known.id = e.id
   and known.rows > 0;

delete from migration_checkpoints where script = 'migrate-business-data';
delete from migration_errors      where script = 'migrate-business-data' and run_id in (select id from backfill_run);
delete from migration_effects e
      where e.run_id in (select id from backfill_run)
        and e.before ->> 'writtenAgainBy' is distinct from pg_current_xact_id()::xid::text
        and not exists (select from backfill_kept k where k.table_name = e.table_name and k.row_id = e.row_id);
delete from "Audit"
      where lead_id is null
        and actor = 'system'
        and action = 'migrate_business_data'
        and payload ->> 'runId' in (select id::text from backfill_run);
update migration_runs set status = 'rolled_back' where id in (select id from backfill_run);

-- 9. Nothing of it is left.
do $$
declare
  target text;
  rows   boolean;
begin
  for target in select distinct table_name from backfill_note where chosen and holds and to_regclass(table_name) is not null
  loop
    execute format('select exists (
                      select from %s t
                       where t.xmin::text in (select xid from backfill_note where table_name = $1 and chosen and holds)
                         and not exists (select from backfill_row b where b.kept and b.part = t.tableoid and b.place = t.ctid)
                         and not exists (select from backfill_theirs b where b.part = t.tableoid and b.place = t.ctid))', target)
       into rows
      using target;
    if rows then
      raise exception 'nothing was changed: something of batch 10 would be left in %', target;
    end if;
  end loop;
end $$;

do $$ begin perform set_config('search_path', current_setting('backfill.search_path'), true); end $$;

-- What was kept, and why.
select distinct table_name, row_id, reason
  from backfill_kept
 order by table_name, row_id;

commit;
