-- What the records say that these runs did: $1 are the runs' ids. Rows that the runs made are put into crm_rollback_row by their
-- table and id, so that it can be seen afterwards which of them are left. `rows` are those that a move brought and did not delete
-- again: a table that is dropped tells no more how many it held.
with effect as (
  select coalesce(to_regclass(quote_ident(table_name)), to_regclass(table_name))::oid as target, row_id, action, before
    from migration_effects
   where run_id::text = any ($1)
), made as (
  insert into crm_rollback_row
  select target, row_id, true from effect where action = 'insert' and target is not null
), changed as (
  select target, count(*) filter (where action = 'update') as updates,
         bool_or(action not in ('insert', 'update'))       as moved,
         sum(case action when 'copy' then (before ->> 'rows')::bigint when 'delete' then -1 else 0 end) as rows
    from effect
   where action in ('insert', 'update', 'delete', 'copy', 'make')
group by target
)
-- A table without partitions may have no tree.
select coalesce(part.relid::oid, changed.target)::text as oid, changed.updates::int, changed.moved, changed.rows::int,
       case when nspname = current_schema() then relname else nspname || '.' || relname end as name
  from changed
  left join lateral (select relid from pg_partition_tree(changed.target)) part on true
  left join pg_class on pg_class.oid = changed.target
  left join pg_namespace n on n.oid = relnamespace
