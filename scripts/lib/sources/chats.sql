-- The next conversations with what there is to classify: $1 after this id, $2 up to this one (null: no end), $3 so many, $4 only these channels
-- (null: all), $5 only these ids (null: all), $6 when a customer's last word counts as unanswered, $7 the version of the classifier,
-- $8 how many bytes of text may come at once: fewer conversations come where they are long, one at least.
-- A long conversation is told by its first 20 and last 100 messages, a long message by its first 2,000 characters.
with conversation as materialized (
       select c.id, c.channel, c.tag, c.metadata -> 'classification' as classification
         from "Conversation" c
        where ($1::uuid is null or c.id > $1)
          and ($2::uuid is null or c.id <= $2)
          and ($4::text[] is null or c.channel::text = any ($4))
          and ($5::uuid[] is null or c.id = any ($5))
     order by c.id
        limit $3),
     told as (
       select c.id, c.channel, c.tag, c.classification, t.lines, t.text,
              coalesce(t.last_role = 'user' and t.last_at < $6::timestamptz, false) as unanswered,
              md5(concat_ws(E'\x1f', coalesce(t.last_role = 'user' and t.last_at < $6::timestamptz, false), t.text)) as hash
         from conversation c
   cross join lateral (
              select json_agg(json_build_array(m.role, m.content, m.created_at) order by m.created_at, m.id) as lines,
                     string_agg(m.role || E'\x1f' || m.content, E'\x1e' order by m.created_at, m.id) as text,
                     (array_agg(m.role order by m.created_at desc, m.id desc))[1] as last_role,
                     max(m.created_at) as last_at
                from ((select m.id, m.role::text, left(m.content, 2000) as content, m.created_at
                         from "Message" m
                        where m.conversation_id = c.id
                          and m.role <> 'tool'
                          and m.metadata -> 'private' is distinct from 'true'
                     order by m.created_at, m.id
                        limit 20)
                      union
                      (select m.id, m.role::text, left(m.content, 2000), m.created_at
                         from "Message" m
                        where m.conversation_id = c.id
                          and m.role <> 'tool'
                          and m.metadata -> 'private' is distinct from 'true'
                     order by m.created_at desc, m.id desc
                        limit 100)) m) t)
select id, channel::text, tag, unanswered, hash,
       classification ->> 'tag' as classified_as,
       known,
       case when not known then coalesce(lines, '[]') end as lines
  from (select asked.*,
               row_number() over (order by id) as nth,
               sum(case when known then 0 else octet_length(text) end) over (order by id) as bytes
          from (select told.*,
                       coalesce(tag is not null and classification ->> 'hash' = hash and classification ->> 'version' = $7, false) as known
                  from told) asked) weighed
 where nth = 1
    or coalesce(bytes, 0) <= $8
 order by id
