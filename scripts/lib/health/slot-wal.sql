-- The replication slot that holds back most of the log. One that is lost holds back nothing.
select jsonb_build_object('name', s.slot_name, 'active', s.active, 'bytes', s.bytes)
  from (
         select slot_name,
                active,
                pg_wal_lsn_diff(
                  case when pg_is_in_recovery() then pg_last_wal_replay_lsn() else pg_current_wal_lsn() end,
                  restart_lsn
                ) as bytes
           from pg_replication_slots
          where restart_lsn is not null
            and wal_status is distinct from 'lost'
       ) s
 order by s.bytes desc
 limit 1
