-- Adds to the open rows of stores in sync_logs what a page has stored, and closes those of stores that end with it.
--
--   $1   the stores, as [{store, recount, chats, added, status, message}]; a null status leaves the row open
with note as (
       select *
         from jsonb_to_recordset($1::jsonb)
           as n (store text, recount boolean, chats integer, added integer, status text, message text))
update sync_logs l
   set chats_total    = case when n.recount then s.total_chats else l.chats_total end,
       chats_synced   = l.chats_synced + n.chats,
       messages_added = l.messages_added + n.added,
       status         = coalesce(n.status, l.status),
       error_message  = coalesce(n.message, l.error_message),
       completed_at   = case when n.status is null then l.completed_at else clock_timestamp() end
  from note n
  join stores s on s.id = n.store
 where l.id = (select max(open.id) from sync_logs open where open.store_id = n.store and open.status = 'running')
