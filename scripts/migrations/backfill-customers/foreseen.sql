-- For a dry run: the groups that would take a customer which an earlier pass of the same run would have left. Two ways lead
-- there. A lead of an earlier pass has the group's phone (or e-mail), and so will have a customer. Or a phone group shares an
-- e-mail with a psid group that makes a customer, and this e-mail is the one that the customer gets.
with earlier as (
       select g.group_id, crm_lead_pass(l.messenger_psid, l.phone, l.email) as earlier_pass,
              crm_uuid('lead_backfill', crm_lead_key(l.messenger_psid, l.phone, l.email, l.id)) as earlier_id
         from unlinked g
         join "Lead" l on crm_phone(l.phone) = g.phone
        where $7 and $1 = 2 and l.customer_id is null and crm_lead_pass(l.messenger_psid, l.phone, l.email) < $1
        union all
       select g.group_id, crm_lead_pass(l.messenger_psid, l.phone, l.email),
              crm_uuid('lead_backfill', crm_lead_key(l.messenger_psid, l.phone, l.email, l.id))
         from unlinked g
         join "Lead" l on crm_email(l.email) = g.email
        where $7 and $1 = 3 and l.customer_id is null and crm_lead_pass(l.messenger_psid, l.phone, l.email) < $1),
     sharing as materialized (
       select distinct e.email, crm_uuid('lead_backfill', crm_lead_key(l.messenger_psid, l.phone, l.email, l.id)) as earlier_id
         from (select distinct email from email) e
         join "Lead" l on crm_email(l.email) = e.email
        where $7 and $1 = 2 and l.customer_id is null and crm_lead_pass(l.messenger_psid, l.phone, l.email) = 1),
     psid_lead as materialized (
       select crm_uuid('lead_backfill', crm_lead_key(l.messenger_psid, l.phone, l.email, l.id)) as earlier_id,
              l.id, l.customer_id, l.created_at, crm_phone(l.phone) as phone, crm_email(l.email) as email
         from (select distinct earlier_id from sharing) s
         join "Lead" l on crm_lead_pass(l.messenger_psid, l.phone, l.email) = 1
                      and crm_uuid('lead_backfill', crm_lead_key(l.messenger_psid, l.phone, l.email, l.id)) = s.earlier_id),
     here as materialized (
       select id, phone, email
         from "Customer"
        where exists (select from sharing)
          and not coalesce(metadata ->> 'source' = 'lead_backfill'
                           and metadata ->> 'groupType' = 'psid'
                           and metadata -> 'runId' >= to_jsonb($4::bigint), false)),
     maker as (
       select earlier_id, (array_agg(email order by created_at, id) filter (where email is not null))[1] as email
         from psid_lead
        where earlier_id not in (select earlier_id from psid_lead where customer_id is not null)
          and earlier_id not in (select id from "Customer")
          and earlier_id not in (select p.earlier_id from psid_lead p join here c on c.phone = p.phone)
          and earlier_id not in (select p.earlier_id from psid_lead p join here c on c.email = p.email)
     group by earlier_id)
select group_id
  from earlier
 where case when $6 then 'group:' || earlier_id in (:quarantined)
            else 'group:' || earlier_id not in (:quarantined) and (:ahead)
       end
 union
select group_id
  from email
 where email in (select email
                   from maker
                  where case when $6 then 'group:' || earlier_id in (:quarantined)
                             else 'group:' || earlier_id not in (:quarantined) and (:psid_ahead)
                        end)
