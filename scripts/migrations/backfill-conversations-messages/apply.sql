-- Stores a page: conversations, messages, and what changed in conversations that this run did not make. $13 is the run's id;
-- $14: whether the leads' conversations were counted before.
with :page,
     made as (
       insert into "Conversation" (id, lead_id, customer_id, channel, external_id, status, started_at, last_message_at,
                                   created_at, updated_at, metadata)
       select t.conversation_id,
              t.id,
              t.customer_id,
              coalesce(t.channel, 'other'),
              t.external_id,
              'active',
              t.created_at,
              t.newest,
              t.created_at,
              t.created_at,
              jsonb_build_object('source', 'audit_backfill',
                                 'leadStage', t.stage,
                                 'createdBy', 'backfill-conversations-messages.ts',
                                 'createdAt', to_char(now(), 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
                                 'runId', $13::bigint)
         from thread t
        where t.existing_id is null
           on conflict (id) do nothing
    returning *),
     held as materialized ( -- what is changed below, as it stands: a live session may be at it, too
       select c.id, c.customer_id, c.last_message_at, c.metadata -> 'runId' = to_jsonb($13::bigint) as ours,
              t.newest, t.customer_id as lead_customer_id
         from "Conversation" c
         join thread t on t.existing_id = c.id
        where c.id = any (array(select existing_id from thread))
          and (t.newest > c.last_message_at
            or t.newest is not null and c.last_message_at is null
            or t.customer_id is not null and c.customer_id is null)
          for update of c),
     changed as (
       update "Conversation" c
          set customer_id = coalesce(h.customer_id, h.lead_customer_id),
              last_message_at = greatest(h.last_message_at, h.newest)
         from held h
        where c.id = h.id
          and c.id = any (array(select id from held))
    returning c.*, h.ours,
              h.customer_id is null and c.customer_id is not null as linked,
              jsonb_build_object('customer_id', h.customer_id, 'last_message_at', h.last_message_at) as before),
     message as (
       insert into "Message" (id, conversation_id, role, content, created_at, metadata)
       select crm_uuid('audit_backfill', a.key),
              t.conversation_id,
              a.role::"MessageRole",
              a.content,
              a.created_at,
              jsonb_build_object('auditId', a.id,
                                 'auditAction', a.action,
                                 'auditActor', a.actor,
                                 'source', 'audit_backfill',
                                 'createdBy', 'backfill-conversations-messages.ts',
                                 'runId', $13::bigint)
         from candidate a
         join thread t on t.id = a.lead_id
        where a.outcome = 'create'
     order by a.lead_id, a.created_at, a.id
    :on_conflict
    returning 1),
     effect as (
       insert into migration_effects (run_id, table_name, row_id, action, before, hash)
       select $13::bigint, 'Conversation', id::text, 'insert', null::jsonb,
              md5(jsonb_build_array(lead_id, customer_id, channel, external_id, store_id, channel_account, status, tag,
                                    tagged_at, started_at, closed_at, metadata)::text)
         from made
        union all -- one that this run made, and has linked to its customer since
       select $13::bigint, 'Conversation', id::text, 'insert', null,
              md5(jsonb_build_array(lead_id, customer_id, channel, external_id, store_id, channel_account, status, tag,
                                    tagged_at, started_at, closed_at, metadata)::text)
         from changed
        where ours and linked
        union all
       select $13::bigint, 'Conversation', id::text, 'update', before,
              md5(jsonb_build_array(customer_id, last_message_at)::text)
         from changed
        where not coalesce(ours, false)
           on conflict (run_id, table_name, row_id)
    do update set hash = excluded.hash
    returning 1)
select count(*)::int as fetched,
       (select count(*)::int from message) as created,
       count(*) filter (where outcome = 'no_text')::int as no_text,
       count(*) filter (where outcome = 'already_migrated')::int as already_migrated,
       count(*) filter (where outcome = 'lead_not_found')::int as lead_not_found,
       count(*) filter (where outcome = 'quarantined')::int as quarantined,
       count(*) filter (where outcome = 'create')::int as planned,
       (select count(*)::int from made) as conversations_created,
       (select count(*) filter (where existing_id is not null and counted and not $14)::int from thread) as conversations_skipped,
       (select count(*) filter (where linked)::int from changed) as conversations_updated,
       case when $12 then (select json_agg(json_build_array(id, outcome, left(content, 60)) order by lead_id, created_at, id)
                             from candidate) end as lines
  from candidate
