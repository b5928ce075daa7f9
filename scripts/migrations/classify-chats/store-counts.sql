-- Writes down, for each store, how many of its conversations have which tag, and in its newest sync_logs row how many were
-- classified since that sync began. $1 is the run's id.
with newest as materialized (
       select l.store_id, max(l.id) as id
         from sync_logs l
     group by l.store_id),
     counted as materialized (
       select store_id, jsonb_object_agg(tag, conversations order by tag) as counts, sum(classified)::int as classified
         from (select c.store_id, c.tag, count(*) as conversations,
                      count(*) filter (where c.tagged_at >= l.started_at
                                         and c.metadata #>> '{classification,tag}' = c.tag) as classified
                 from "Conversation" c
                 left join newest on newest.store_id = c.store_id
                 left join sync_logs l on l.id = newest.id
                where c.store_id is not null
                  and c.tag is not null
             group by c.store_id, c.tag) by_tag
     group by store_id),
     held as materialized (
       select s.id, s.chat_tag_counts, c.counts
         from stores s
         left join counted c on c.store_id = s.id
        where s.chat_tag_counts is distinct from c.counts
     order by s.id
          for update of s),
     changed as (
       update stores s
          set chat_tag_counts = h.counts
         from held h
        where s.id = h.id
    returning s.id, s.chat_tag_counts, h.chat_tag_counts as before),
     effect as (
       insert into migration_effects (run_id, table_name, row_id, action, before, hash)
       select $1::bigint, 'stores', id, 'update', jsonb_build_object('chat_tag_counts', before),
              md5(jsonb_build_array(chat_tag_counts)::text)
         from changed
           on conflict (run_id, table_name, row_id)
    do update set hash = excluded.hash
    returning 1),
     logged as (
       update sync_logs l
          set chats_classified = c.classified
         from newest
         join counted c on c.store_id = newest.store_id
        where l.id = newest.id
          and l.chats_classified <> c.classified
    returning 1)
select (select count(*)::int from changed) as stores_counted
