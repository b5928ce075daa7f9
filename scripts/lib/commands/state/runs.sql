-- Of each script, and of each step where it has steps, the last run that counts and the last that was rolled back; those that
-- looked at named items only, for themselves.
select distinct on (script, options ->> 'step', status = 'rolled_back', partial)
       id,
       script,
       options ->> 'step'                                    as step,
       partial,
       status,
       options,
       stats,
       progress,
       host,
       pid,
       error,
       started_at                                            as "startedAt",
       finished_at                                           as "finishedAt",
       extract(epoch from clock_timestamp() - heartbeat_at)::float8 as "heartbeatAge",
       extract(epoch from coalesce(finished_at, heartbeat_at) - started_at)::float8 * 1000 as "durationMs",
       count(*) over (partition by script, options ->> 'step', status = 'rolled_back', partial) as alike
  from migration_runs
 cross join lateral (
   select coalesce(options ->> 'lead', options ->> 'conversation', options ->> 'channel') is not null
          or options ->> 'retryErrors' is not distinct from 'true' as partial
 ) looked
 where mode = 'write'
   and script = any ($1)
 order by script, options ->> 'step', status = 'rolled_back', partial, id desc
