-- Stores a page of jobs, and an effect for each that was linked. $10 is the run's id.
with job as materialized (:jobs),
     linked as (
       update "Job" j
          set customer_id = job.lead_customer_id
         from job
        where job.outcome = 'link' and j.id = job.id and j.customer_id is null
    returning j.id, j.customer_id),
     effect as (
       insert into migration_effects (run_id, table_name, row_id, action, before, hash)
       select $10::bigint, 'Job', id::text, 'update', '{"customer_id": null}'::jsonb, md5(customer_id::text)
         from linked
    returning 1)
select count(*)::int as fetched,
       (select count(*)::int from linked) as updated,
       count(*) filter (where outcome = 'linked')::int as unchanged,
       count(*) filter (where outcome = 'no_customer')::int as no_customer,
       count(*) filter (where outcome = 'quarantined')::int as quarantined,
       count(*) filter (where outcome = 'link')::int as planned,
       case when $9 then (select json_agg(json_build_array(id, outcome, 1) order by id) from job where outcome <> 'linked') end as lines
  from job
