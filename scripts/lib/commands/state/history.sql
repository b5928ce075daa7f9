-- Prisma's record of what was applied, oldest first.
select migration_name             as name,
       checksum,
       finished_at is not null    as finished,
       rolled_back_at is not null as "rolledBack",
       applied_steps_count        as "appliedStepsCount"
  from _prisma_migrations
 order by started_at, id
