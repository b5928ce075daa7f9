-- Writes down, for each store with conversations, how many of them have which tag, and in its newest sync_logs row how many
-- conversations were classified since run $1 began. $2 is this run's id.
with counted as materialized (
       select store_id, jsonb_object_agg(tag, conversations order by tag) as counts, sum(classified)::int as classified
         from (select store_id, tag, count(*) as conversations,
                      count(*) filter (where (metadata #>> '{classification,runId}')::bigint >= $1::bigint) as classified
                 from "Conversation"
                where store_id is not null
                  and tag is not null
             group by store_id, tag) by_tag
     group by store_id),
     held as materialized (
       select s.id, s.chat_tag_counts, c.counts
         from stores s
         join counted c on c.store_id = s.id
        where s.chat_tag_counts is distinct from c.counts
          for update of s),
     changed as (
       update stores s
          set chat_tag_counts = h.counts
         from held h
        where s.id = h.id
    returning s.id, s.chat_tag_counts, h.chat_tag_counts as before),
     effect as (
       insert into migration_effects (run_id, table_name, row_id, action, before, hash)
       select $2::bigint, 'stores', id, 'update', jsonb_build_object('chat_tag_counts', before),
              md5(jsonb_build_array(chat_tag_counts)::text)
         from changed
           on conflict (run_id, table_name, row_id)
    do update set hash = excluded.hash
    returning 1),
     logged as (
       update sync_logs l
          set chats_classified = c.classified
         from counted c
        where l.store_id = c.store_id
          and l.id = (select max(newest.id) from sync_logs newest where newest.store_id = c.store_id)
          and l.chats_classified <> c.classified
    returning 1)
select (select count(*)::int from changed) as stores_counted
