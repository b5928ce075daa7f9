\set ON_ERROR_STOP on
-- Verifies the CRM's own tables; their columns are looked at by 20251107_create_schema/verify.sql. Each check selects what
-- is wrong; no rows are good. Usage: psql "$DATABASE_URL" -f verify.sql. Only reads.
select set_config('verify.failed', '', false) as "checks that failed so far";

-- check: the CRM's tables are there, each with a primary key (failure)
select table_name, case when oid is null then 'missing' else 'no primary key' end as found,
       set_config('verify.failed', 'tables', false) as "check"
  from (values ('Lead'), ('Job'), ('Audit')) expected (table_name)
  left join pg_class on relname = table_name
                    and relkind = 'r'
                    and relnamespace = quote_ident(current_schema())::regnamespace
 where not exists (select from pg_constraint where contype = 'p' and conrelid = pg_class.oid);

do $$
begin
  if current_setting('verify.failed') <> '' then
    raise exception 'the CRM''s own tables do not hold: see the rows above';
  end if;
end $$;
