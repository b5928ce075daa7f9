-- The messages that fit the words best. They are counted and ranked first; only those that are shown are read again.
with hits as materialized (
  select id,
         ts_rank(to_tsvector(:language, coalesce(content, '')), websearch_to_tsquery(:language, $1)) as rank,
         created_at,
         count(*) over () as total
    from "Message"
   where to_tsvector(:language, coalesce(content, '')) @@ websearch_to_tsquery(:language, $1)
     and ($2::text is null or role::text = $2)
   order by rank desc, created_at desc, id
   limit $3
)
select m.id,
       m.conversation_id                   as "conversationId",
       c.channel,
       m.role,
       m.created_at                        as "createdAt",
       hits.rank,
       hits.total::int,
       m.content,
       ts_headline(:language, coalesce(m.content, ''), websearch_to_tsquery(:language, $1), $4) as headline
  from hits
  join "Message" m on m.id = hits.id
  left join "Conversation" c on c.id = m.conversation_id
 order by hits.rank desc, hits.created_at desc, hits.id
