-- The bot's sessions in WhatsApp: in the target already, and to be there unchanged when everything else has moved.
create function touch_whatsapp() returns trigger
  language plpgsql
  as $$ begin new.updated_at := now(); return new; end $$;

create table whatsapp_auth (
  company_id text primary key,
  creds jsonb not null,
  created_at timestamptz default now(),
  updated_at timestamptz default now()
);
alter table whatsapp_auth enable row level security;
create policy whatsapp_auth_all on whatsapp_auth using (true);

create table whatsapp_keys (
  company_id text not null,
  key_type text not null,
  key_id text not null,
  value jsonb not null,
  created_at timestamptz default now(),
  updated_at timestamptz default now(),
  expires_at timestamptz,
  primary key (company_id, key_type, key_id)
);
create index whatsapp_keys_expires_idx on whatsapp_keys (expires_at) where expires_at is not null;
create index whatsapp_keys_type_idx on whatsapp_keys (company_id, key_type);

create trigger whatsapp_auth_touch before update on whatsapp_auth for each row execute function touch_whatsapp();
create trigger whatsapp_keys_touch before update on whatsapp_keys for each row execute function touch_whatsapp();

insert into whatsapp_auth
values ('962302', '{"noiseKey": {"private": "AAEC", "public": "AwQF"}, "registered": true}', '2025-10-01 08:00+00', '2025-11-01 08:00+00');

insert into whatsapp_keys (company_id, key_type, key_id, value, created_at, updated_at, expires_at)
select '962302', (array['pre-key', 'session', 'lid-mapping'])[i % 3 + 1], 'key:' || i, jsonb_build_object('data', md5(i::text), 'n', i),
       '2025-10-01 08:00+00', '2025-11-01 08:00+00', case when i % 4 = 0 then timestamptz '2026-01-01 00:00+00' end
  from generate_series(1, 1127) i;
