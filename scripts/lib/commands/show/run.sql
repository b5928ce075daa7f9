-- One run's own record.
select id::float8                                                                          as id,
       batch,
       script,
       options ->> 'step'                                                                  as step,
       mode,
       status,
       options,
       stats,
       progress,
       host,
       pid,
       error,
       started_at                                                                          as "startedAt",
       heartbeat_at                                                                        as "heartbeatAt",
       finished_at                                                                         as "finishedAt",
       extract(epoch from coalesce(finished_at, heartbeat_at) - started_at)::float8 * 1000 as "durationMs"
  from migration_runs
 where id = $1
