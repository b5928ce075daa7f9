-- The conversation of a thread, and how much of it is stored. $1 to $3: see existing.sql; $4: the thread, in a list.
with thread as materialized (
  select *
    from json_to_recordset($4::json) as t (n int, id uuid, external_id text, channel "Channel", store_id text)),
:existing
select c.id, c.metadata ->> 'partial' as partial, c.metadata ->> 'window' as window
  from existing e
  join "Conversation" c on c.id = e.id
