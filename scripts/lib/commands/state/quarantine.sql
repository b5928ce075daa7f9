-- How many items of each script are in quarantine and not resolved.
select script,
       count(*) as items
  from migration_errors
 where resolved_at is null
   and script = any ($1)
 group by script
