-- For a dry run: whether an earlier pass of the same run would have left a customer that the group `g` would take. Two ways
-- lead there. A lead of an earlier pass has the group's phone (or e-mail), and so will have a customer. Or a phone group
-- shares an e-mail with a psid group that makes a customer, and this e-mail is the one that the customer gets.
select exists (select from "Lead" l
                where $1 in (2, 3)
                  and l.customer_id is null
                  and crm_lead_pass(l.messenger_psid, l.phone, l.email) < $1
                  and ($1 = 2 and crm_phone(l.phone) = g.phone or $1 = 3 and crm_email(l.email) = g.email)
                  and 'group:' || crm_uuid('lead_backfill', crm_lead_key(l.messenger_psid, l.phone, l.email, l.id))
                      not in (:quarantined))
    or exists (select from "Lead" l
                 cross join lateral (
                   select crm_uuid('lead_backfill', crm_lead_key(l.messenger_psid, l.phone, l.email, l.id)) as id offset 0) psid_group
                 cross join lateral (
                   select (array_agg(crm_email(w.email) order by w.created_at, w.id)
                             filter (where crm_email(w.email) is not null))[1] as email,
                          bool_or(w.customer_id is not null
                                  or exists (select from "Customer" c where c.id = psid_group.id)
                                  or exists (select from "Customer" c where c.phone = crm_phone(w.phone))
                                  or exists (select from "Customer" c where c.email = crm_email(w.email))) as reuses
                     from "Lead" w
                    where crm_lead_pass(w.messenger_psid, w.phone, w.email) = 1
                      and crm_uuid('lead_backfill', crm_lead_key(w.messenger_psid, w.phone, w.email, w.id)) = psid_group.id) made
                where $1 = 2
                  and l.customer_id is null
                  and crm_lead_pass(l.messenger_psid, l.phone, l.email) = 1
                  and crm_email(l.email) = any (g.emails)
                  and crm_email(l.email) = made.email
                  and not made.reuses
                  and 'group:' || psid_group.id not in (:quarantined)) as customer
