\set ON_ERROR_STOP on
-- Verifies batch 2, add-fts-indexes. Each check selects what is wrong; no rows are good. The last statement raises when
-- one found something. Usage: psql "$DATABASE_URL" -f verify.sql. Only reads.
select set_config('verify.failed', '', false) as "checks that failed so far";

-- check: indexes are there, valid, and on exactly the documented expression (failure)
with expected (index_name, method, definition) as (
  values ('Message_content_fts_idx',    'gin',   'to_tsvector(''english''::regconfig, COALESCE(content, ''''::text))'),
         ('Message_content_fts_ru_idx', 'gin',   'to_tsvector(''russian''::regconfig, COALESCE(content, ''''::text))'),
         ('Message_role_idx',           'btree', 'role')
)
select index_name,
       case
         when indexrelid is null then 'missing'
         when not indisvalid     then 'invalid: an interrupted build; run add-fts-indexes.ts'
         else pg_get_indexdef(indexrelid)
       end as found,
       set_config('verify.failed', index_name, false) as "check"
  from expected
  left join pg_class indexed on indexed.relname = index_name
                            and indexed.relnamespace = quote_ident(current_schema())::regnamespace
  left join pg_am on pg_am.oid = indexed.relam
  left join pg_index on indexrelid = indexed.oid
                    and indrelid = to_regclass('"Message"')
 where indexrelid is null
    or not indisvalid
    or indpred is not null
    or indnatts <> 1
    or amname <> method
    or pg_get_indexdef(indexrelid, 1, false) <> definition;

do $$
begin
  if current_setting('verify.failed') <> '' then
    raise exception 'batch 2 does not hold: see the rows above (last: %)', current_setting('verify.failed');
  end if;
end $$;
