-- Who is there already, and which conversations are in quarantine.
--
--   $1   people: n, their id should they be new, phone, nick
--   $2   the system in external_refs, or null
--   $3   keys of conversations
--   $4   the script
with person as materialized (
       select *
         from json_to_recordset($1::json) as p (n int, id uuid, phone text, nick text)),
     nick as materialized (
       select r.external_id as nick, c.id
         from external_refs r
         join "Customer" c on c.id = r.entity_id
        where r.system = $2
          and r.entity_type = 'nick'
          and r.external_id = any (array(select nick from person))),
     phone as materialized (
       select distinct on (c.phone) c.phone, c.id
         from "Customer" c
        where c.phone = any (array(select phone from person))
     order by c.phone, c.created_at, c.id)
select array(select item_key
               from migration_errors
              where script = $4
                and resolved_at is null
                and item_key = any ($3)) as refused,
       (select json_agg(json_build_array(p.n, nick.id, phone.id, c.id))
          from person p
          left join nick on nick.nick = p.nick
          left join phone on phone.phone = p.phone
          left join "Customer" c on c.id = p.id and c.id = any (array(select id from person))) as people
