select item_key from migration_errors where script = 'backfill-customers' and resolved_at is null
