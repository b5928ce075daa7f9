-- A salon's booking bot: the tables that move. Names are found by search_path.
create function touch_updated_at() returns trigger
  language plpgsql
  as $$ begin new.updated_at := now(); return new; end $$;

create table companies (
  id serial primary key,
  company_id integer not null constraint companies_company_id_key unique,
  yclients_id integer,
  title varchar(255),
  address text,
  phone varchar(50),
  email varchar(255),
  website varchar(255),
  timezone varchar(50) default 'Europe/Moscow',
  working_hours jsonb,
  currency varchar(10) default 'RUB',
  coordinate_lat numeric(10, 7),
  coordinate_lon numeric(10, 7),
  ai_enabled boolean default true,
  sync_enabled boolean default true,
  whatsapp_enabled boolean default false,
  whatsapp_connected boolean default false,
  raw_data jsonb,
  whatsapp_config jsonb default '{}',
  whatsapp_session_data jsonb,
  whatsapp_phone varchar(50),
  integration_status varchar(50),
  marketplace_user_id varchar(50),
  marketplace_user_name varchar(255),
  marketplace_user_phone varchar(50),
  marketplace_user_email varchar(255),
  api_key varchar(255),
  webhook_secret varchar(255),
  status varchar(20) default 'active',
  sms_short_names varchar(20)[],
  subscription_expires_at timestamptz,
  telegram_bot_username varchar(100),
  telegram_enabled boolean default false,
  last_sync_at timestamp,
  connected_at timestamp,
  whatsapp_connected_at timestamp,
  last_payment_date timestamp,
  created_at timestamp default now(),
  updated_at timestamp default now()
);
comment on table companies is 'One row a salon; the bot''s own settings too';
comment on column companies.webhook_secret is 'Never shown';

create table clients (
  id serial primary key,
  yclients_id integer not null,
  name varchar(255),
  phone varchar(50) not null,
  raw_phone varchar(50),
  email varchar(255),
  discount numeric(5, 2) default 0,
  company_id integer references companies (company_id),
  branch_ids integer[] default '{}',
  tags text[],
  status varchar(50),
  source varchar(50),
  visit_count integer default 0,
  total_spent numeric(12, 2) default 0,
  first_visit_date date,
  last_visit_date date,
  visit_history jsonb default '[]',
  preferences jsonb default '{}',
  last_services text[],
  last_service_ids integer[],
  favorite_staff_ids integer[],
  preferred_time_slots varchar(50)[],
  loyalty_level varchar(20),
  client_segment varchar(50),
  average_bill numeric(12, 2),
  blacklisted boolean default false,
  notes text,
  created_by_ai boolean default false,
  last_ai_interaction timestamp,
  ai_messages_count integer default 0,
  ai_context jsonb,
  ai_satisfaction_score numeric(3, 2),
  services_amount numeric default 0,
  goods_amount numeric default 0,
  goods_count integer default 0,
  goods_purchases jsonb,
  created_at timestamp default now(),
  updated_at timestamp default now(),
  constraint clients_yclients_company_key unique (yclients_id, company_id),
  constraint clients_discount_check check (discount >= 0 and discount <= 100)
);
create index clients_phone_idx on clients (phone);
create index clients_active_idx on clients (company_id, last_visit_date desc nulls last) where not blacklisted;
create index clients_email_lower_idx on clients (lower(email));
create index clients_tags_idx on clients using gin (tags);

create table services (
  id serial primary key,
  yclients_id integer not null,
  company_id integer references companies (company_id),
  title varchar(500) not null,
  category_id integer,
  category_title varchar(255),
  price_min numeric(10, 2),
  price_max numeric(10, 2),
  discount numeric(5, 2),
  duration integer,
  seance_length integer,
  is_active boolean default true,
  is_bookable boolean default true,
  description text,
  image_url text,
  weight integer default 0,
  raw_data jsonb,
  declensions jsonb,
  created_at timestamp default now(),
  updated_at timestamp default now(),
  constraint services_yclients_company_key unique (yclients_id, company_id)
);

create table staff (
  id serial primary key,
  yclients_id integer not null,
  company_id integer references companies (company_id),
  name varchar(255) not null,
  specialization varchar(255),
  "position" varchar(255),
  is_active boolean default true,
  is_bookable boolean default true,
  rating numeric(3, 2),
  votes_count integer default 0,
  comments_count integer default 0,
  avatar_url text,
  information text,
  service_ids integer[],
  email varchar(255),
  phone varchar(50),
  telegram varchar(100),
  experience_years integer,
  level_name varchar(100),
  raw_data jsonb,
  declensions jsonb,
  created_at timestamp default now(),
  updated_at timestamp default now(),
  constraint staff_yclients_company_key unique (yclients_id, company_id)
);

create table staff_schedules (
  id bigserial primary key,
  staff_id integer not null references staff (id) on delete cascade,
  staff_name varchar(255),
  "date" date not null,
  is_working boolean default false,
  work_start time,
  work_end time,
  working_hours varchar(50),
  has_booking_slots boolean default false,
  company_id integer,
  last_updated timestamp default now(),
  constraint staff_schedules_day_key unique (staff_id, "date", company_id)
);

create table bookings (
  id uuid primary key default gen_random_uuid(),
  yclients_record_id integer not null,
  company_id integer references companies (company_id),
  client_phone varchar(50),
  client_name varchar(255),
  client_yclients_id integer,
  staff_id integer,
  staff_name varchar(255),
  services text[],
  service_ids integer[],
  datetime timestamp not null,
  "date" date,
  duration integer,
  cost numeric(10, 2),
  prepaid numeric(10, 2),
  status varchar(50),
  visit_attendance integer,
  comment text,
  online boolean default false,
  record_hash varchar(255),
  created_by_bot boolean default false,
  created_at timestamp default now(),
  updated_at timestamp default now(),
  constraint bookings_record_company_key unique (yclients_record_id, company_id)
);
create index bookings_day_idx on bookings (company_id, datetime) where status <> 'cancelled';

create table dialog_contexts (
  id uuid primary key default gen_random_uuid(),
  user_id varchar(255) not null,
  state varchar(50),
  data jsonb default '{}',
  messages jsonb default '[]',
  context_metadata jsonb,
  client_id integer references clients (id) on delete set null,
  last_activity timestamp,
  message_count integer default 0,
  last_booking_id uuid references bookings (id),
  session_type varchar(50),
  company_id integer,
  created_at timestamp default now(),
  updated_at timestamp default now()
);

create table messages (
  id uuid primary key default gen_random_uuid(),
  company_id integer,
  client_phone varchar(50),
  direction varchar(20),
  content text,
  message_type varchar(50) default 'text',
  status varchar(50),
  platform varchar(20) default 'whatsapp',
  metadata jsonb,
  created_at timestamp default now()
);
create index messages_phone_idx on messages (client_phone, created_at desc);

create table actions (
  id uuid primary key default gen_random_uuid(),
  company_id integer,
  client_phone varchar(50),
  action_type varchar(100),
  action_data jsonb,
  status varchar(50) default 'pending',
  created_at timestamp default now(),
  executed_at timestamp
);

create table company_sync_status (
  id serial primary key,
  company_id integer not null references companies (company_id),
  last_sync_at timestamp,
  last_sync_success boolean,
  last_sync_error text,
  clients_synced integer default 0,
  services_synced integer default 0,
  staff_synced integer default 0,
  bookings_synced integer default 0,
  created_at timestamp default now(),
  updated_at timestamp default now()
);

create trigger clients_touch before update on clients for each row execute function touch_updated_at();
create trigger bookings_touch before update on bookings for each row execute function touch_updated_at();
