-- Brings stores up to date with what a page has stored, and keeps what they were before this run.
--
--   $1   the stores, as [{store, chat_cursor, dated, come_back, recount}]: a null cursor leaves it as it is, and so does `dated`
--        false the time of the next request; `recount` counts the chats
--   $2   the run's id
with note as (
       select *
         from jsonb_to_recordset($1::jsonb)
           as n (store text, chat_cursor text, dated boolean, come_back timestamptz, recount boolean)),
     held as materialized (
       select s.id, s.chat_cursor, s.total_chats, s.next_request_at
         from stores s
        where s.id in (select store from note)
     order by s.id
          for update),
     wanted as materialized (
       select h.id,
              coalesce(n.chat_cursor, h.chat_cursor) as chat_cursor,
              case when n.recount
                   then (select count(*) from "Conversation" c where c.store_id = h.id and c.channel = 'wildberries')
                   else h.total_chats
              end as total_chats,
              case when n.dated then n.come_back else h.next_request_at end as next_request_at
         from held h
         join note n on n.store = h.id),
     changed as (
       update stores s
          set chat_cursor = w.chat_cursor,
              total_chats = w.total_chats,
              next_request_at = w.next_request_at
         from wanted w
         join held h on h.id = w.id
        where s.id = w.id
          and (w.chat_cursor, w.total_chats, w.next_request_at)
              is distinct from (h.chat_cursor, h.total_chats, h.next_request_at)
    returning s.id, s.chat_cursor, s.total_chats, s.next_request_at,
              jsonb_build_object('chat_cursor', h.chat_cursor,
                                 'total_chats', h.total_chats,
                                 'next_request_at', h.next_request_at) as before)
insert into migration_effects (run_id, table_name, row_id, action, before, hash)
select $2::bigint, 'stores', id, 'update', before,
       md5(jsonb_build_array(chat_cursor, total_chats, next_request_at)::text)
  from changed
    on conflict (run_id, table_name, row_id)
do update set hash = excluded.hash
