-- Full-text search over messages. A query finds the index only when it uses the same expression:
--   where to_tsvector('english', coalesce(content, '')) @@ websearch_to_tsquery('english', '…')
create index if not exists "Message_content_fts_idx"
    on "Message" using gin (to_tsvector('english', coalesce(content, '')));

create index if not exists "Message_content_fts_ru_idx"
    on "Message" using gin (to_tsvector('russian', coalesce(content, '')));

create index if not exists "Message_role_idx"
    on "Message" (role);
