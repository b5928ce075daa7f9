-- The groups of a page, each with the customer that it takes and what becomes of it. A group is the leads of one pass that
-- share a key; its id is the id that a customer made for it gets.
--
--   $1        the pass: 1 messenger psid, 2 phone, 3 e-mail, 4 none
--   $2 $3     the group after which the page begins, and the one with which it ends
--   $4        the first run of this chain: customers that it made in the same pass are not seen, wherever pages were cut
--   $5        keys of groups to leave out as quarantined
--   $6        whether the unresolved groups in migration_errors are to be tried again
--   $7        whether this is a dry run
--   $8 $9 $10 the stretches that lay before the run when it began (passes, after which group, up to which): a lead that lies in
--             none of them and has no customer stays so
with lead as materialized (
       select id, customer_id, name, created_at,
              crm_phone(phone) as phone,
              crm_email(email) as email,
              crm_lead_key(messenger_psid, phone, email, id) as key,
              crm_uuid('lead_backfill', crm_lead_key(messenger_psid, phone, email, id)) as group_id
         from "Lead"
        where crm_lead_pass(messenger_psid, phone, email) = $1
          and crm_uuid('lead_backfill', crm_lead_key(messenger_psid, phone, email, id)) > $2::uuid
          and crm_uuid('lead_backfill', crm_lead_key(messenger_psid, phone, email, id)) <= $3::uuid),

     unlinked as materialized (
       select group_id,
              min(key) as key,
              count(*) as leads,
              (array_agg(name  order by created_at, id) filter (where crm_trim(name) is not null))[1] as name,
              (array_agg(phone order by created_at, id) filter (where phone is not null))[1] as phone,
              (array_agg(email order by created_at, id) filter (where email is not null))[1] as email,
              min(created_at) as created_at
         from lead
        where customer_id is null
     group by group_id),

     phone as materialized (select distinct group_id, phone from lead where customer_id is null and phone is not null),
     email as materialized (select distinct group_id, email from lead where customer_id is null and email is not null),

     -- The oldest customer that has a phone or an e-mail: one each, however many groups and customers share it.
     of_phone as materialized (
       select distinct on (c.phone) c.phone, c.id
         from "Customer" c
        where c.phone = any (array(select distinct phone from phone)) and (:seen)
     order by c.phone, c.created_at, c.id),
     of_email as materialized (
       select distinct on (c.email) c.email, c.id
         from "Customer" c
        where c.email = any (array(select distinct email from email)) and (:seen)
     order by c.email, c.created_at, c.id),

     -- The customers that a lead with the group's key has, or that have its phone or e-mail.
     candidate as (
       select group_id, customer_id from lead where customer_id is not null
        union all
       select g.group_id, l.customer_id from unlinked g join "Lead" l on crm_phone(l.phone) = g.phone where $1 = 2
        union all
       select g.group_id, l.customer_id from unlinked g join "Lead" l on crm_email(l.email) = g.email where $1 = 3
        union all
       select group_id, group_id from unlinked
        union all
       select phone.group_id, of_phone.id from phone join of_phone using (phone)
        union all
       select email.group_id, of_email.id from email join of_email using (email)),

     oldest as materialized (
       select distinct on (candidate.group_id) candidate.group_id, c.id
         from candidate
         join "Customer" c on c.id = candidate.customer_id
     order by candidate.group_id, c.created_at, c.id),

     foreseen as materialized (:foreseen)

select g.*,
       oldest.id as existing_id,
       case
         when 'group:' || g.group_id = any ($5) or not $6 and 'group:' || g.group_id in (:quarantined) then 'quarantined'
         when oldest.id is not null or foreseen.group_id is not null then 'reuse'
         else 'create'
       end as outcome
  from unlinked g
  left join oldest using (group_id)
  left join foreseen using (group_id)
 union all
select group_id, min(key), count(*), null, null, null, null, null, 'linked'
  from lead
 where customer_id is not null
group by group_id
