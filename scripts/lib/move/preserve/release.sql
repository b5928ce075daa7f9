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
end $$
