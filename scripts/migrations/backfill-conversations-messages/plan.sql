-- Counts what a page would become. $13: the text search configurations that "Message" is indexed with; a text that is too large
-- for one of them fails here as it would on insert. A text makes at most four times its bytes of the index's 1 MB: a web address
-- of three words is kept whole, and its host and path besides. $14: whether the leads' conversations were counted before.
with :page
select count(*)::int as fetched,
       count(*) filter (where outcome = 'create')::int as created,
       count(*) filter (where outcome = 'no_text')::int as no_text,
       count(*) filter (where outcome = 'already_migrated')::int as already_migrated,
       count(*) filter (where outcome = 'lead_not_found')::int as lead_not_found,
       count(*) filter (where outcome = 'quarantined')::int as quarantined,
       (select count(*) filter (where existing_id is null and counted)::int from thread) as conversations_created,
       (select count(*) filter (where existing_id is not null and counted and not $14)::int from thread) as conversations_skipped,
       (select count(*)::int
          from "Conversation" c
          join thread t on t.existing_id = c.id
         where c.id = any (array(select existing_id from thread))
           and t.counted and c.customer_id is null and t.customer_id is not null) as conversations_updated,
       case when $12 then (select json_agg(json_build_array(id, outcome, left(content, 60)) order by lead_id, created_at, id)
                             from candidate) end as lines,
       sum(case when outcome = 'create' and octet_length(content) > 250000
                then (select sum(length(to_tsvector(config::regconfig, content))) from unnest($13::text[]) config) end) as indexable
  from candidate
