-- What this transaction did to the rows of each table. PostgreSQL counts it itself, whoever caused it: a statement, a cascade, a trigger.
select relid::text as oid,
       case when schemaname = current_schema() then relname else schemaname || '.' || relname end as name,
       n_tup_del::int as removed, n_tup_upd::int as restored, n_tup_ins::int as "putBack",
       relid in (to_regclass('"Audit"'), to_regclass('_prisma_migrations'), to_regclass('migration_runs'),
                 to_regclass('migration_checkpoints'), to_regclass('migration_errors'), to_regclass('migration_effects'))
         is true as "isRecord"
  from pg_stat_xact_user_tables
 where schemaname !~ '^pg_'
   and n_tup_del + n_tup_upd + n_tup_ins > 0
 order by name
