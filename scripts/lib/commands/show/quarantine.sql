-- What it put into quarantine, or saw there again.
select (count(*) filter (where resolved_at is null))::float8     as open,
       (count(*) filter (where resolved_at is not null))::float8 as resolved
  from migration_errors
 where run_id = $1
