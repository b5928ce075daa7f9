-- Full-text search over messages. A query finds an index only when it uses the same expression:
--   where to_tsvector('english', coalesce(content, '')) @@ websearch_to_tsquery('english', '…')

-- Which of the indexes are here already: rollback.sql drops only those that this file made, by the comment on them.
select set_config('crm_migrations.found', coalesce((
  select string_agg(relname, ' ')
    from pg_class
   where relnamespace = quote_ident(current_schema())::regnamespace
     and relname in ('Message_content_fts_idx', 'Message_content_fts_ru_idx', 'Message_role_idx')), ''), false);

create index if not exists "Message_content_fts_idx"
    on "Message" using gin (to_tsvector('english', coalesce(content, '')));

create index if not exists "Message_content_fts_ru_idx"
    on "Message" using gin (to_tsvector('russian', coalesce(content, '')));

create index if not exists "Message_role_idx"
    on "Message" (role);

do $$
declare
  index_name text;
begin
  foreach index_name in array array['Message_content_fts_idx', 'Message_content_fts_ru_idx', 'Message_role_idx']
  loop
    if index_name <> all (string_to_array(current_setting('crm_migrations.found'), ' ')) then
      execute format('comment on index %I is %L', index_name, 'crm-migrations: made by 20251108_add_fts_indexes');
    end if;
  end loop;
end $$;
