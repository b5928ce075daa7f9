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
