-- The CRM's own tables, as a CRM has them before this suite comes. On a CRM that is there already this folder is only
-- recorded as applied: create-schema.ts --baseline.

create type "Channel" as enum (
  'messenger', 'sms', 'whatsapp', 'telegram', 'instagram', 'email', 'webchat', 'freshchat', 'wildberries', 'other'
);

create table "Lead" (
  id             uuid           not null default gen_random_uuid(),
  channel        "Channel"      not null,
  name           text,
  messenger_psid text,
  phone          text,
  email          text,
  stage          text           not null default 'new',
  state_metadata jsonb,
  created_at     timestamptz(6) not null default now(),
  updated_at     timestamptz(6) not null default now(),
  constraint "Lead_pkey" primary key (id)
);

create table "Job" (
  id           uuid           not null default gen_random_uuid(),
  lead_id      uuid,
  status       text           not null default 'new',
  window_start timestamptz(6),
  window_end   timestamptz(6),
  created_at   timestamptz(6) not null default now(),
  updated_at   timestamptz(6) not null default now(),
  constraint "Job_pkey" primary key (id),
  constraint "Job_lead_id_fkey" foreign key (lead_id) references "Lead" (id) on delete set null on update cascade
);

create index "Job_lead_id_idx" on "Job" (lead_id);

-- An audit outlives its lead: lead_id has no foreign key.
create table "Audit" (
  id         uuid           not null default gen_random_uuid(),
  lead_id    uuid,
  actor      text           not null,
  action     text           not null,
  payload    jsonb          not null default '{}',
  created_at timestamptz(6) not null default now(),
  constraint "Audit_pkey" primary key (id)
);
