-- Stores a page: customers, conversations, what they are called elsewhere, messages, and what changed in rows that this run did not
-- make. $12: what people are called elsewhere, once for each thread.
with :page,
     made_customer as (
       insert into "Customer" (id, name, phone, metadata, created_at, updated_at)
       select id, name, phone, metadata, began, began
         from customer
        where fresh
           on conflict (id) do nothing
    returning *),
     recorded as materialized ( -- how this run left what it has changed before: where that was edited since, the record stays
       select row_id::uuid as id, hash
         from migration_effects
        where run_id = $11::bigint
          and table_name in ('Customer', 'Conversation')
          and row_id = any (array(select id::text from held_customer
                                   union all
                                  select id::text from held))),
     changed_customer as (
       update "Customer" c
          set name = h.new_name,
              created_at = h.began,
              updated_at = case when h.updated_at = h.created_at then h.began else h.updated_at end
         from held_customer h
         left join recorded r on r.id = h.id
        where c.id = h.id
          and c.id = any (array(select id from held_customer))
    returning c.id, made_now, case when r.hash <> h.hash then r.hash else :customer_hash end as hash,
              jsonb_build_object('name', h.name, 'created_at', h.created_at, 'updated_at', h.updated_at) as before),
     made as (
       insert into "Conversation" (id, customer_id, channel, external_id, store_id, channel_account, status, last_message_preview,
                                   started_at, last_message_at, metadata, created_at, updated_at)
       select s.id, s.customer_id, s.channel, s.external_id, s.store_id, s.channel_account, coalesce(s.status, 'active'), s.preview,
              coalesce(s.began, now()), s.newest, x.metadata, coalesce(s.began, now()), coalesce(s.began, now())
         from state s
        cross join lateral (select s.metadata as metadata, true as grows) b
        cross join lateral (select :coverage as metadata) x
        where s.existing_id is null
           on conflict (id) do nothing
    returning *),
     changed as (
       update "Conversation" c
          set customer_id          = h.new_customer_id,
              channel_account      = h.new_channel_account,
              started_at           = h.new_started_at,
              created_at           = h.new_created_at,
              updated_at           = case when h.updated_at = h.created_at then h.new_created_at else h.updated_at end,
              last_message_at      = case when h.moves then h.newest else h.last_message_at end,
              last_message_preview = case when h.moves then h.preview else h.last_message_preview end,
              metadata             = h.new_metadata
         from held h
         left join recorded r on r.id = h.id
        where c.id = h.id
          and c.id = any (array(select id from held))
    returning c.id, made_now, h.booked, case when r.hash <> h.hash then r.hash else :conversation_hash end as hash,
              jsonb_build_object('customer_id', h.customer_id, 'channel_account', h.channel_account, 'started_at', h.started_at,
                                 'created_at', h.created_at, 'updated_at', h.updated_at, 'last_message_at', h.last_message_at,
                                 'last_message_preview', h.last_message_preview)
                || case when h.metadata is null then '{}' else jsonb_build_object('metadata', h.metadata) end as before),
     name as materialized (
       select ref_id as id, 'conversation' as entity_type, conversation_id as entity_id, external_id
         from state
        where $3 is not null
          and external_id not in (select external_id from known_by)
        union
       select id, 'nick', customer_id, nick
         from json_to_recordset($12::json) as k (id uuid, t int, customer_id uuid, nick text)
        where t in (select n from state)),
     ref as (
       insert into external_refs (id, entity_type, entity_id, system, external_id)
       select id, entity_type, entity_id, $3, external_id
         from name
        where id not in (select id from external_refs where id = any (array(select id from name)))
           on conflict (system, entity_type, external_id) do nothing
    returning *),
     stored as (
       insert into "Message" (id, conversation_id, role, content, booking_id, metadata, created_at)
       select m.id, s.conversation_id, m.role, m.content,
              case when m.at between s.start_at and s.end_at then s.booking_id end,
              m.metadata, m.at
         from candidate c
         join message m on m.n = c.n
         join state s on s.n = c.t
        where c.outcome = 'create'
           on conflict (conversation_id, md5(metadata ->> 'sourceId')) where metadata ? 'sourceId' do nothing
    returning id),
     linked as ( -- messages that are there already, and lie within the booking
       update "Message" m
          set booking_id = s.booking_id
         from state s
        where m.conversation_id = s.existing_id
          and m.conversation_id = any (array(select existing_id from state where booking_id is not null))
          and m.created_at >= (select min(start_at) from state)
          and m.created_at <= (select max(end_at) from state)
          and m.created_at between s.start_at and s.end_at
          and m.booking_id is null
          and m.metadata ->> 'source' = $1
    returning m.id, m.booking_id, coalesce(m.metadata -> 'runId' = to_jsonb($11::bigint), false) as made_now),
     effect as (
       insert into migration_effects (run_id, table_name, row_id, action, before, hash)
       select $11::bigint, 'Customer', id::text, 'insert', null::jsonb, :customer_hash
         from made_customer c
        cross join lateral (select true as made_now) o
        union all
       select $11::bigint, 'Customer', id::text, case when made_now then 'insert' else 'update' end, before, hash
         from changed_customer
        union all
       select $11::bigint, 'Conversation', id::text, 'insert', null, :conversation_hash
         from made c
        cross join lateral (select true as made_now) o
        union all -- what this run made itself has no value before
       select $11::bigint, 'Conversation', id::text, case when made_now then 'insert' else 'update' end, before, hash
         from changed
        union all
       select $11::bigint, 'external_refs', id::text, 'insert', null,
              md5(jsonb_build_array(entity_type, entity_id, system, external_id)::text)
         from ref
        union all
       select $11::bigint, 'Message', id::text, 'update', '{"booking_id": null}', md5(jsonb_build_array(booking_id)::text)
         from linked
        where not made_now
           on conflict (run_id, table_name, row_id)
    do update set hash = excluded.hash
    returning table_name, row_id::uuid as id, action, xmax = 0 as first)
select array(select n from candidate where outcome <> 'quarantined' and id not in (select id from stored)) as existing,
       array(select n from candidate where outcome = 'quarantined') as quarantined,
       array(select id from made_customer) as customers_created,
       array(select id from effect where table_name = 'Customer' and action = 'update' and first) as customers_updated,
       array(select id from made) as conversations_created,
       array(select id from effect where table_name = 'Conversation' and action = 'update' and first) as conversations_updated,
       array(select id from changed where booked
              union all
             select id from made where metadata ? 'bookingId') as bookings_linked
