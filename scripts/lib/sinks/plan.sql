-- Counts what a page would become. $12: the text search configurations that "Message" is indexed with; a text that is too large
-- for one of them fails here as it would on insert.
with :page
select array(select n from candidate where outcome = 'exists') as existing,
       array(select n from candidate where outcome = 'quarantined') as quarantined,
       array(select id from customer where fresh) as customers_created,
       array(select id from held_customer) as customers_updated,
       array(select id from state where existing_id is null and not seen) as conversations_created,
       array(select id from held) as conversations_updated,
       array(select conversation_id
               from state
              where booking_id is not null
                and (existing_id is null or existing_id in (select id from held where booked))) as bookings_linked,
       (select sum(case when octet_length(m.content) > 250000
                        then (select sum(length(to_tsvector(config::regconfig, m.content))) from unnest($12::text[]) config) end)
          from candidate c
          join message m on m.n = c.n
         where c.outcome = 'create') as indexable
