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
