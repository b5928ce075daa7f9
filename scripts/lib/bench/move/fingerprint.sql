-- What was moved, whatever its order: equal fingerprints mean equal rows, indexes and constraints.
-- A verification draws from the sequence when it tries an insert.
select (select count(*) from salon.clients)                                                as clients,
       (select sum(hashtextextended(c::text, 0)::numeric)::text from salon.clients c)      as clients_hash,
       (select count(*) from salon.bookings)                                               as bookings,
       (select sum(hashtextextended(b::text, 0)::numeric)::text from salon.bookings b)     as bookings_hash,
       (select last_value >= (select max(id) from salon.clients) from salon.clients_id_seq) as sequence_is_behind_them,
       (select string_agg(indexdef, '; ' order by indexname) from pg_indexes where schemaname = 'salon') as indexes,
       (select string_agg(pg_get_constraintdef(oid), '; ' order by conname)
          from pg_constraint
         where connamespace = 'salon'::regnamespace
           and contype <> 'n')                                                             as constraints
