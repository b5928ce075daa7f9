-- The threads of a page, each with its conversation and booking (`state`), their messages, each with what becomes of it
-- (`candidate`), and what changes in rows that are there (`held`, `held_customer`). The dry run counts these rows, the real run
-- writes from them.
--
--   $1 $2 $3   see existing.sql
--   $4         the script
--   $5         the threads
--   $6         their messages
--   $7         the customers of their people, once for each thread
--   $8         keys of messages to leave out as quarantined
--   $9         whether the unresolved messages in migration_errors are to be tried again
--   $10        whether bookings are linked
--   $11        the run, or null
--
-- What is looked up in a table is asked for by `= any (array(…))`: an index lookup, however many rows the planner takes a list
-- for that it can't see into.
thread as materialized (
  select *
    from json_to_recordset($5::json)
      as t (n int, id uuid, external_id text, ref_id uuid, channel "Channel", store_id text, channel_account text, status text,
            started_at timestamptz, metadata jsonb, customer_id uuid, coverage text, reason text, seen boolean)),

message as materialized (
  select *
    from json_to_recordset($6::json)
      as m (n int, t int, id uuid, source_id text, key text, role "MessageRole", content text, at timestamptz, metadata jsonb)),

:existing,

-- Messages that are there already: ours by their ids, in whichever conversation, then whoever's carry the source's id.
ours as materialized (
  select m.id
    from "Message" m
   where m.id = any (array(select id from message))),

unknown as materialized (
  select m.n, e.id as conversation_id, md5(m.source_id) as hash
    from message m
    join existing e on e.n = m.t
   where m.id not in (select id from ours)),

theirs as materialized (
:carries_source_id),

quarantined as materialized (
  select item_key as key
    from migration_errors
   where script = $4
     and resolved_at is null
     and not $9::boolean
     and item_key = any (array(select key from message))
   union all
  select unnest($8::text[])),

candidate as materialized (
  select m.n, m.t, m.id, m.at,
         case
           when m.key in (select key from quarantined) then 'quarantined'
           when m.id in (select id from ours)          then 'exists'
           when m.n in (select n from theirs)          then 'exists'
           else 'create'
         end as outcome
    from message m),

span as materialized (
  select t,
         min(at) as oldest,
         max(at) as newest,
         count(*) filter (where outcome = 'create') as created
    from candidate
   where outcome <> 'quarantined'
group by t),

-- Of several newest messages the one whose text comes last, so that it does not matter which page they are on.
newest as materialized (
  select c.t, max(rtrim(left(ltrim(regexp_replace(left(m.content, 1000), '\s+', ' ', 'g')), 100)) collate "C") as preview
    from candidate c
    join span s on s.t = c.t and s.newest = c.at
    join message m on m.n = c.n
   where c.outcome <> 'quarantined'
group by c.t),

-- A customer's newest booking that is ahead or under way, or else the last that was completed.
booking as materialized (
  select distinct on (customer_id) customer_id, id, start_at, end_at
    from bookings
   where $10::boolean
     and status <> 'cancelled'
     and customer_id = any (array(select coalesce(e.customer_id, t.customer_id)
                                    from thread t
                                    left join existing e on e.n = t.n))
order by customer_id, status = 'completed', start_at desc, id),

state as materialized (
  select t.*,
         e.id as existing_id,
         coalesce(e.id, t.id) as conversation_id,
         least(t.started_at, s.oldest) as began,
         s.newest,
         coalesce(s.created, 0) as created,
         l.preview,
         b.id as booking_id,
         b.start_at,
         b.end_at
    from thread t
    left join existing e on e.n = t.n
    left join span s on s.t = t.n
    left join newest l on l.t = t.n
    left join booking b on b.customer_id = coalesce(e.customer_id, t.customer_id)),

customer as materialized (
  select k.id, k.fresh, k.name, k.phone, k.metadata, min(coalesce(s.began, now())) as began
    from json_to_recordset($7::json) as k (id uuid, t int, fresh boolean, name text, phone text, metadata jsonb)
    join state s on s.n = k.t
group by k.id, k.fresh, k.name, k.phone, k.metadata),

-- What is changed, as it stands: a live session may be at it, too. Only ours have begun when their oldest message came.
held_customer as materialized (
  select c.id, c.name, c.created_at, c.updated_at,
         case when crm_trim(c.name) is null then coalesce(k.name, c.name) else c.name end as new_name,
         case when c.metadata ->> 'source' = $1 then least(c.created_at, k.began) else c.created_at end as began,
         made_now,
         :customer_hash as hash
    from customer k
    join "Customer" c on c.id = k.id
   cross join lateral (select coalesce(c.metadata -> 'runId' = to_jsonb($11::bigint), false) as made_now) o
   where c.id = any (array(select id from customer where not fresh))
     and (crm_trim(c.name) is null and k.name is not null
       or c.metadata ->> 'source' = $1 and k.began < c.created_at)
:lock),

held as materialized (
  select c.id, c.customer_id, c.channel_account, c.started_at, c.created_at, c.updated_at, c.last_message_at,
         c.last_message_preview, c.metadata,
         coalesce(c.customer_id, s.customer_id) as new_customer_id,
         coalesce(c.channel_account, s.channel_account) as new_channel_account,
         case when c.metadata ->> 'source' = $1 then least(c.started_at, s.began) else c.started_at end as new_started_at,
         case when c.metadata ->> 'source' = $1 then least(c.created_at, s.began) else c.created_at end as new_created_at,
         (s.newest, s.preview) > (coalesce(c.last_message_at, '-infinity'), coalesce(c.last_message_preview, '') collate "C")
           as moves,
         s.newest, s.preview,
         case when x.metadata <> b.metadata then nullif(x.metadata, '{}') else c.metadata end as new_metadata,
         made_now,
         :conversation_hash as hash,
         s.booking_id is not null and c.metadata ->> 'bookingId' is distinct from s.booking_id::text as booked
    from state s
    join "Conversation" c on c.id = s.existing_id
   cross join lateral (select case when jsonb_typeof(c.metadata) = 'object' then c.metadata else '{}' end as metadata,
                              s.created > 0 as grows) b
   cross join lateral (select :coverage as metadata) x
   cross join lateral (select coalesce(c.metadata -> 'runId' = to_jsonb($11::bigint), false) as made_now) o
   where c.id = any (array(select existing_id from state))
     and (s.created > 0
       or c.customer_id is null and s.customer_id is not null
       or c.channel_account is null and s.channel_account is not null
       or c.metadata ->> 'source' = $1 and (s.began < c.started_at or s.began < c.created_at)
       or (s.newest, s.preview) > (coalesce(c.last_message_at, '-infinity'), coalesce(c.last_message_preview, '') collate "C")
       or x.metadata <> b.metadata)
:lock)
