-- Counts what a page of groups would become.
with grouped as materialized (:groups)
select coalesce(sum(leads), 0)::int as fetched,
       coalesce(sum(leads) filter (where outcome in ('create', 'reuse')), 0)::int as updated,
       coalesce(sum(leads) filter (where outcome = 'linked'), 0)::int as unchanged,
       coalesce(sum(leads) filter (where outcome = 'quarantined'), 0)::int as quarantined,
       count(*) filter (where outcome = 'create')::int as customers_created,
       count(*) filter (where outcome = 'reuse')::int as customers_reused,
       case when $11 then (select json_agg(json_build_array(group_id, outcome, leads) order by group_id)
                            from grouped where outcome <> 'linked') end as lines
  from grouped
