-- Counts what a page of jobs would become.
with job as materialized (:jobs)
select count(*)::int as fetched,
       count(*) filter (where outcome = 'link')::int as updated,
       count(*) filter (where outcome = 'linked')::int as unchanged,
       count(*) filter (where outcome = 'no_customer')::int as no_customer,
       count(*) filter (where outcome = 'quarantined')::int as quarantined,
       case when $9 then (select json_agg(json_build_array(id, outcome, 1) order by id) from job where outcome <> 'linked') end as lines
  from job
