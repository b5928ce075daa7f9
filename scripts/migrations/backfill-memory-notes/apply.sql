-- Stores a page: notes, and what changed in those that are there. $9 is the run's id. A note that somebody has written since the
-- page was read is left to the next run; one that somebody is changing is waited for, and looked at again.
with recursive :page,
     made as (
       insert into "MemoryNote" (id, customer_id, content, metadata, created_at, updated_at)
       select note_id, customer_id, content,
              jsonb_build_object('source', 'state_metadata_backfill',
                                 'leadId', lead_id,
                                 'key', key,
                                 'contentMd5', md5(content),
                                 'createdBy', 'backfill-memory-notes.ts',
                                 'runId', $9::bigint),
              created_at, updated_at
         from candidate
        where outcome = 'create'
     order by lead_id, place
           on conflict (md5((metadata ->> 'leadId') || '/' || (metadata ->> 'key')))
                 where metadata ->> 'source' = 'state_metadata_backfill' do nothing
    returning *),
     held as materialized (
       select n.id, n.customer_id, n.content, n.metadata, n.updated_at, c.content as new_content, c.customer_id as new_customer_id
         from "MemoryNote" n
         join candidate c on c.noted_id = n.id
        where c.outcome = 'update'
          and n.id = any (array(select noted_id from candidate where outcome = 'update'))
          and n.content = c.noted_content
          for update of n),
     changed as (
       update "MemoryNote" n
          set customer_id = h.new_customer_id,
              content     = h.new_content,
              metadata    = n.metadata || jsonb_build_object('contentMd5', md5(h.new_content)),
              updated_at  = now()
         from held h
        where n.id = h.id
          and n.id = any (array(select id from held))
    returning n.*, jsonb_build_object('customer_id', h.customer_id, 'content', h.content,
                                      'metadata', h.metadata, 'updated_at', h.updated_at) as before),
     effect as (
       insert into migration_effects (run_id, table_name, row_id, action, before, hash)
       select $9::bigint, 'MemoryNote', id::text, 'insert', null::jsonb,
              md5(jsonb_build_array(customer_id, conversation_id, content, metadata, expires_at, updated_at)::text)
         from made
        union all
       select $9::bigint, 'MemoryNote', id::text, 'update', before,
              md5(jsonb_build_array(customer_id, conversation_id, content, metadata, expires_at, updated_at)::text)
         from changed
    returning 1)
select (select count(*)::int from made) as made,
       (select count(*)::int from changed) as changed,
       :counts
  from candidate
