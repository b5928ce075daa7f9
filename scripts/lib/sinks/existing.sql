-- The conversation that is there already for each of `thread` (n, id, external_id, channel, store_id): the one that the source's
-- system is known by, or the oldest with its id at the source, ours, or, where $2 says so, of its channel; or the one of our id.
--
--   $1   the metadata's source: ours are those
--   $2   whether conversations of others are taken, too
--   $3   the system in external_refs, or null
known_by as materialized (
  select r.external_id, r.entity_id
    from external_refs r
   where r.system = $3::text
     and r.entity_type = 'conversation'
     and r.external_id = any (array(select external_id from thread))),

existing as materialized (
  select distinct on (n) n, id, customer_id
    from (select t.n, c.id, c.customer_id, c.created_at, 1 as choice
            from known_by k
            join thread t on t.external_id = k.external_id
            join "Conversation" c on c.id = k.entity_id
           where c.id = any (array(select entity_id from known_by))
           union all
          select t.n, c.id, c.customer_id, c.created_at, 2
            from "Conversation" c
            join thread t on t.external_id = c.external_id
           where c.external_id = any (array(select external_id from thread))
             and c.store_id is not distinct from t.store_id
             and (c.metadata ->> 'source' = $1::text or $2::boolean and c.channel = t.channel)
           union all
          select t.n, c.id, c.customer_id, c.created_at, 3
            from "Conversation" c
            join thread t on t.id = c.id
           where c.id = any (array(select id from thread))) found
order by n, choice, created_at, id)
