-- Stores verdicts: $1 them as JSON, $2 the run's id. A conversation whose tag has changed since it was read keeps that tag.
with verdict as materialized (
       select *
         from json_to_recordset($1::json) as v (id uuid, tag text, tag_before text, classification jsonb)),
     held as materialized (
       select c.id, c.tag, c.tagged_at, c.metadata,
              v.tag as tag_now, v.classification as classification_now
         from "Conversation" c
         join verdict v on v.id = c.id
        where c.id = any (array(select id from verdict))
          and c.tag is not distinct from v.tag_before
     order by c.id
          for update of c),
     changed as (
       update "Conversation" c
          set tag = h.tag_now,
              tagged_at = now(),
              metadata = case jsonb_typeof(c.metadata) when 'object' then c.metadata else '{}' end
                         || jsonb_build_object('classification', h.classification_now || jsonb_build_object('runId', $2::bigint))
         from held h
        where c.id = h.id
          and c.id = any (array(select id from held))
    returning c.id, c.tag, c.tagged_at, c.metadata -> 'classification' as classification,
              h.tag as tag_before,
              jsonb_build_object('tag', h.tag, 'tagged_at', h.tagged_at)
              || case when jsonb_typeof(h.metadata) is distinct from 'object' then jsonb_build_object('metadata', h.metadata)
                      when h.metadata ? 'classification' then jsonb_build_object('classification', h.metadata -> 'classification')
                      else '{}' end as before),
     effect as (
       insert into migration_effects (run_id, table_name, row_id, action, before, hash)
       select $2::bigint, 'Conversation', id::text, 'update', before,
              md5(jsonb_build_array(tag, tagged_at, classification)::text)
         from changed
           on conflict (run_id, table_name, row_id)
    do update set hash = excluded.hash
    returning 1)
select count(*) filter (where tag_before is null)::int as tagged,
       count(*) filter (where tag_before <> tag)::int as retagged,
       count(*) filter (where tag_before = tag)::int as confirmed
  from changed
