-- Batch 8. A message at a chat service makes at most one message of its conversation, whoever writes it: the database
-- guarantees it, not the script. The id is hashed: a btree refuses keys of more than 2,704 bytes. Batches 6 to 8 share the index.

-- Whether the index is here already: the rollback of batch 1 drops it from a table that it keeps only where we made it.
select set_config('crm_migrations.found', coalesce(to_regclass('"Message_source_id_key"')::text, ''), false);

create unique index if not exists "Message_source_id_key"
    on "Message" (conversation_id, md5(metadata ->> 'sourceId'))
 where metadata ? 'sourceId';

do $$
begin
  if current_setting('crm_migrations.found') = '' then
    comment on index "Message_source_id_key" is 'crm-migrations: made by 20251114_sync_wildberries_chats';
  end if;
end $$;
