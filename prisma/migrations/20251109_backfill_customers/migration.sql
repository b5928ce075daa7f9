-- Batch 3. What finds the leads of one person: by pass and group, and by the phone and e-mail that two groups may share.
-- A phone or an e-mail is looked up whole, and may be longer than a btree takes: hence the hash indexes.
create index if not exists "Lead_group_idx"
    on "Lead" (crm_lead_pass(messenger_psid, phone, email),
               crm_uuid('lead_backfill', crm_lead_key(messenger_psid, phone, email, id)));

create index if not exists "Lead_phone_digits_idx"
    on "Lead" using hash (crm_phone(phone));

create index if not exists "Lead_email_lower_idx"
    on "Lead" using hash (crm_email(email));
