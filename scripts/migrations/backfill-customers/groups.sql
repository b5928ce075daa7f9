-- The groups of a page, each with the customer that it takes and what becomes of it. A group is the leads of one pass that
-- share a key; its id is the id that a customer made for it gets.
--
--   $1        the pass: 1 messenger psid, 2 phone, 3 e-mail, 4 none
--   $2 $3     the group after which the page begins, and the one with which it ends
--   $4        the first run of this chain: customers that it made in the same pass are not seen, wherever pages were cut
--   $5        keys of groups to leave out as quarantined
--   $6        whether the unresolved groups in migration_errors are to be tried again
--   $7        whether this is a dry run
select g.*,
       existing.id as existing_id,
       case
         when g.unlinked = 0 then 'linked'
         when g.set_aside then 'quarantined'
         when existing.id is not null or foreseen.customer then 'reuse'
         else 'create'
       end as outcome
  from (select group_id,
               min(key) as key,
               count(*) filter (where customer_id is null) as unlinked,
               count(*) filter (where customer_id is not null) as linked,
               array_agg(customer_id) filter (where customer_id is not null) as customers,
               array_agg(phone) filter (where customer_id is null and phone is not null) as phones,
               array_agg(email) filter (where customer_id is null and email is not null) as emails,
               (array_agg(name order by created_at, id) filter (where customer_id is null and crm_trim(name) is not null))[1] as name,
               (array_agg(phone order by created_at, id) filter (where customer_id is null and phone is not null))[1] as phone,
               (array_agg(email order by created_at, id) filter (where customer_id is null and email is not null))[1] as email,
               min(created_at) filter (where customer_id is null) as created_at,
               'group:' || group_id = any ($5) or not $6 and 'group:' || group_id in (:quarantined) as set_aside
          from (select id, customer_id, name, created_at,
                       crm_phone(phone) as phone,
                       crm_email(email) as email,
                       crm_lead_key(messenger_psid, phone, email, id) as key,
                       crm_uuid('lead_backfill', crm_lead_key(messenger_psid, phone, email, id)) as group_id
                  from "Lead"
                 where crm_lead_pass(messenger_psid, phone, email) = $1
                   and crm_uuid('lead_backfill', crm_lead_key(messenger_psid, phone, email, id)) > $2::uuid
                   and crm_uuid('lead_backfill', crm_lead_key(messenger_psid, phone, email, id)) <= $3::uuid) lead
      group by group_id) g
  left join lateral ( -- the oldest of the customers that a lead with that key has, or that have its phone or e-mail
         select c.id
           from (select unnest(g.customers) as id
                  union all
                 select l.customer_id from "Lead" l where $1 = 2 and crm_phone(l.phone) = g.phone
                  union all
                 select l.customer_id from "Lead" l where $1 = 3 and crm_email(l.email) = g.email
                  union all
                 select g.group_id
                  union all
                 (select same.id
                    from (select id, metadata from "Customer" where phone = any (g.phones)
                           union all
                          select id, metadata from "Customer" where email = any (g.emails)) same
                   where not coalesce(same.metadata ->> 'source' = 'lead_backfill'
                                      and same.metadata ->> 'groupType' = split_part(g.key, ':', 1)
                                      and same.metadata -> 'runId' >= to_jsonb($4::bigint), false))) candidate
           join "Customer" c on c.id = candidate.id
       order by c.created_at, c.id
          limit 1) existing on g.unlinked > 0
  left join lateral (:foreseen) foreseen on $7 and existing.id is null and g.unlinked > 0
