-- Batch 5. A key of a lead's state makes at most one memory note, whoever writes it: the database guarantees it, not the
-- script. Lead and key are hashed: a btree refuses keys of more than 2,704 bytes.

-- Whether the index is here already: the rollback of batch 1 drops it from a table that it keeps only where we made it.
select set_config('crm_migrations.found', coalesce(to_regclass('"MemoryNote_lead_state_key"')::text, ''), false);

create unique index if not exists "MemoryNote_lead_state_key"
    on "MemoryNote" (md5((metadata ->> 'leadId') || '/' || (metadata ->> 'key')))
 where metadata ->> 'source' = 'state_metadata_backfill';

do $$
begin
  if current_setting('crm_migrations.found') = '' then
    comment on index "MemoryNote_lead_state_key" is 'crm-migrations: made by 20251111_backfill_memory_notes';
  end if;
end $$;
