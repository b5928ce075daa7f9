\set ON_ERROR_STOP on
-- Verifies batch 3, backfill-customers. Each check selects what is wrong; no rows are good. The last statement raises when a
-- failure found something. Usage: psql "$DATABASE_URL" -f verify.sql. Only reads.
-- Leads and jobs that are younger than backfill.until (a time; without it none is) need no customer yet.
select set_config('verify.failed', '', false) as "checks that failed so far";

-- check: every lead has a customer, or a reason (failure)
select id as lead_id, set_config('verify.failed', 'lead without customer', false) as "check"
  from "Lead"
 where customer_id is null
   and created_at <= (select coalesce(nullif(current_setting('backfill.until', true), ''), 'infinity')::timestamptz)
   and 'group:' || crm_uuid('lead_backfill', crm_lead_key(messenger_psid, phone, email, id))
       not in (select item_key from migration_errors where script = 'backfill-customers' and resolved_at is null);

-- check: every job of a lead with a customer has one, or a reason (failure)
select j.id as job_id, set_config('verify.failed', 'job without customer', false) as "check"
  from "Job" j
  join "Lead" l on l.id = j.lead_id
 where j.customer_id is null
   and l.customer_id is not null
   and j.created_at <= (select coalesce(nullif(current_setting('backfill.until', true), ''), 'infinity')::timestamptz)
   and 'job:' || j.id not in (select item_key from migration_errors where script = 'backfill-customers' and resolved_at is null);

-- check: a job that the batch linked has its lead's customer (failure)
select j.id as job_id, set_config('verify.failed', 'job with another customer', false) as "check"
  from migration_effects e
  join "Job" j on j.id::text = e.row_id
  join "Lead" l on l.id = j.lead_id
 where e.table_name = 'Job'
   and e.hash = md5(j.customer_id::text)
   and l.customer_id <> j.customer_id
   and l.id::text in (select row_id from migration_effects where table_name = 'Lead' and hash = md5(l.customer_id::text));

-- check: leads of one group have one customer (failure)
select crm_lead_key(l.messenger_psid, l.phone, l.email, l.id) as key, count(distinct l.customer_id) as customers,
       set_config('verify.failed', 'group with several customers', false) as "check"
  from "Lead" l
  join migration_effects e on e.table_name = 'Lead' and e.row_id = l.id::text and e.hash = md5(l.customer_id::text)
group by e.run_id, crm_lead_key(l.messenger_psid, l.phone, l.email, l.id)
having count(distinct l.customer_id) > 1;

-- check: the indexes of the batch are there and valid (failure)
select name as index_name, set_config('verify.failed', 'index', false) as "check"
  from unnest(array['Lead_group_idx', 'Lead_phone_digits_idx', 'Lead_email_lower_idx']) name
 where not exists (select from pg_index where indexrelid = to_regclass(quote_ident(name)) and indisvalid);

-- check: items in quarantine (failure)
select item_key, code, message, set_config('verify.failed', 'quarantine', false) as "check"
  from migration_errors
 where script = 'backfill-customers'
   and resolved_at is null;

-- check: customers that share a phone (warning)
select phone, count(*)
  from "Customer"
 where phone is not null
group by phone
having count(*) > 1;

-- check: customers that share an e-mail (warning)
select email, count(*)
  from "Customer"
 where email is not null
group by email
having count(*) > 1;

-- check: jobs without a customer, whose lead is unknown or gone (warning)
select id as job_id
  from "Job"
 where customer_id is null
   and (lead_id is null or not exists (select from "Lead" l where l.id = lead_id));

do $$
begin
  if current_setting('verify.failed') <> '' then
    raise exception 'batch 3 does not hold: see the rows above (last: %)', current_setting('verify.failed');
  end if;
end $$;
