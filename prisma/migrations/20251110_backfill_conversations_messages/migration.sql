-- Batch 4. An audit makes at most one message, whoever writes it: the database guarantees it, not the script.

-- Whether the index is here already: the rollback of batch 1 drops it from a table that it keeps only where we made it.
select set_config('crm_migrations.found', coalesce(to_regclass('"Message_audit_id_key"')::text, ''), false);

create unique index if not exists "Message_audit_id_key"
    on "Message" ((metadata ->> 'auditId'))
 where metadata ? 'auditId';

do $$
begin
  if current_setting('crm_migrations.found') = '' then
    comment on index "Message_audit_id_key" is 'crm-migrations: made by 20251110_backfill_conversations_messages';
  end if;
end $$;
