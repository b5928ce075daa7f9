-- Every item of a page, each with what becomes of it (`candidate`). An item is a key of a lead's state, or a state that is no
-- object (its key is null). The dry run counts these rows, the real run writes from them.
--
--   $1 $2   the lead, and the place in it, after which the page begins
--   $3 $4   the lead and the place with which it ends
--   $5      keys of the items that are meant, or null for the whole range
--   $6      keys of items to leave out as quarantined
--   $7      whether the unresolved items in migration_errors are to be tried again
state as materialized (
  select l.id as lead_id, l.customer_id, l.created_at, l.updated_at, i.key, i.value, :place as place
    from "Lead" l
   cross join lateral (select key, value from jsonb_each(:object)
                        union all
                       select null, null where jsonb_typeof(l.state_metadata) <> 'object') i
   where :has_state and :lead_in_range),

item as materialized (
  select row_number() over () as n, state.*, :item_key as item_key
    from state
   where :in_range and ($5::text[] is null or :item_key = any ($5))),

:told,

-- Notes of these items, whoever wrote them; and notes that have an item's id, whatever has become of their metadata.
noted as materialized (
  select n.id, n.customer_id, n.content, n.metadata, md5((n.metadata ->> 'leadId') || '/' || (n.metadata ->> 'key')) as place
    from "MemoryNote" n
   where n.metadata ->> 'source' = 'state_metadata_backfill'
     and :of_page),

taken as materialized (
  select n.id
    from "MemoryNote" n
   where n.id = any (array(select crm_uuid('state_metadata_backfill', lead_id || '/' || key)
                             from item
                            where key is not null and place not in (select place from noted where place is not null)))),

quarantined as materialized (
  select item_key
    from migration_errors
   where script = 'backfill-memory-notes' and resolved_at is null and not $7
   union all
  select unnest($6::text[])),

-- A note is as it was written when its hash says so, or when it says what it would say now; else a person has been at it.
candidate as materialized (
  select i.*,
         crm_uuid('state_metadata_backfill', i.lead_id || '/' || i.key) as note_id,
         told.content,
         noted.id as noted_id,
         noted.content as noted_content,
         case
           when i.item_key in (select item_key from quarantined) then 'quarantined'
           when i.key is null                                    then 'not_an_object'
           when i.customer_id is null                            then 'no_customer'
           when told.content is null and told.hidden             then 'secret'
           when told.content is null                             then 'empty'
           when noted.id is null and crm_uuid('state_metadata_backfill', i.lead_id || '/' || i.key) in (select id from taken) then 'edited'
           when noted.id is null                                 then 'create'
           when noted.content = told.content and noted.customer_id is not distinct from i.customer_id then 'unchanged'
           when noted.content = told.content
             or md5(noted.content) = noted.metadata ->> 'contentMd5' then 'update'
           else 'edited'
         end as outcome
    from item i
    left join told on told.n = i.n
    left join noted on noted.place = i.place)
