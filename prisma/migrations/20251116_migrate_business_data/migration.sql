-- Batch 10. It needs nothing of its own: a row is told apart by its primary key, and what a run did by migration_effects.
select 1;
