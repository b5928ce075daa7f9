-- The newest runs, of one script where it is named; `total` is how many there are.
select id::float8                                                                          as id,
       batch,
       script,
       options ->> 'step'                                                                  as step,
       mode,
       status,
       stats,
       error,
       started_at                                                                          as "startedAt",
       finished_at                                                                         as "finishedAt",
       extract(epoch from coalesce(finished_at, heartbeat_at) - started_at)::float8 * 1000 as "durationMs",
       (count(*) over ())::float8                                                          as total
  from migration_runs
 where $1::text is null
    or script = $1
 order by id desc
 limit $2
