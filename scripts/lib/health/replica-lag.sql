-- Each replica; hidden where this role may not see how it does. Receivers that only store the log replay nothing.
select coalesce(
         jsonb_agg(
           jsonb_build_object(
             'pid', r.pid,
             'name', coalesce(nullif(nullif(r.application_name, ''), 'walreceiver'), host(r.client_addr), 'walreceiver'),
             'hidden', r.state is null,
             'written', pg_wal_lsn_diff(log.written, '0/0'),
             'replayed', pg_wal_lsn_diff(r.replay_lsn, '0/0'),
             -- It may be left over from the last record of a replica that has replayed all it was sent.
             'lagMs', case when r.replay_lsn < r.sent_lsn then extract(epoch from r.replay_lag) * 1000 end
           )
         ),
         '[]'
       )
  from pg_stat_replication r
 cross join (
         select case when pg_is_in_recovery() then pg_last_wal_replay_lsn() else pg_current_wal_lsn() end as written
       ) log
 where r.state is null
    or (r.state <> 'backup' and r.replay_lsn is not null)
