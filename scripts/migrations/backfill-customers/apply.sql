-- Stores a page of groups: customers made, leads linked, and an effect for each, so that both can be taken back. $12: the run's id.
with grouped as materialized (:groups),
     made as (
       insert into "Customer" (id, name, phone, email, metadata, created_at, updated_at)
       select group_id, name, phone, email,
              jsonb_build_object('source', 'lead_backfill',
                                 'groupType', split_part(key, ':', 1),
                                 'leadCount', leads,
                                 'createdBy', 'backfill-customers.ts',
                                 'runId', $12::bigint),
              created_at, created_at
         from grouped
        where outcome = 'create'
    returning *),
     linked as (
       update "Lead" l
          set customer_id = coalesce(g.existing_id, g.group_id)
         from grouped g
        where g.outcome in ('create', 'reuse')
          and l.customer_id is null
          and crm_lead_pass(l.messenger_psid, l.phone, l.email) = $1
          and crm_uuid('lead_backfill', crm_lead_key(l.messenger_psid, l.phone, l.email, l.id)) = g.group_id
    returning l.id, l.customer_id),
     effect as (
       insert into migration_effects (run_id, table_name, row_id, action, before, hash)
       select $12::bigint, 'Customer', id::text, 'insert', null::jsonb,
              md5(jsonb_build_array(name, phone, email, metadata)::text)
         from made
        union all
       select $12::bigint, 'Lead', id::text, 'update', '{"customer_id": null}'::jsonb, md5(customer_id::text)
         from linked
    returning 1)
select coalesce(sum(leads), 0)::int as fetched,
       (select count(*)::int from linked) as updated,
       coalesce(sum(leads) filter (where outcome = 'linked'), 0)::int as unchanged,
       coalesce(sum(leads) filter (where outcome = 'quarantined'), 0)::int as quarantined,
       (select count(*)::int from made) as customers_created,
       count(*) filter (where outcome = 'reuse')::int as customers_reused,
       coalesce(sum(leads) filter (where outcome in ('create', 'reuse')), 0)::int as planned,
       case when $11 then (select json_agg(json_build_array(group_id, outcome, leads) order by group_id)
                            from grouped where outcome <> 'linked') end as lines
  from grouped
