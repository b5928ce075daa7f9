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
