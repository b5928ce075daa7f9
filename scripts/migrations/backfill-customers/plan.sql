-- Counts what a page of groups would become.
with grouped as materialized (:groups)
select coalesce(sum(unlinked + linked), 0)::int as fetched,
       coalesce(sum(unlinked) filter (where outcome in ('create', 'reuse')), 0)::int as updated,
       coalesce(sum(linked), 0)::int as unchanged,
       coalesce(sum(unlinked) filter (where outcome = 'quarantined'), 0)::int as quarantined,
       count(*) filter (where outcome = 'create')::int as customers_created,
       count(*) filter (where outcome = 'reuse')::int as customers_reused,
       case when $8 then (select json_agg(json_build_array(group_id, outcome, unlinked) order by group_id)
                            from grouped where outcome <> 'linked') end as lines
  from grouped
