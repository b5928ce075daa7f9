-- What the run changed, by table and action.
select table_name            as "table",
       action,
       count(*)::float8 as rows
  from migration_effects
 where run_id = $1
 group by table_name, action
 order by table_name, action
