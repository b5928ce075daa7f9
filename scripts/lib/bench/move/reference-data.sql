-- Reference data for the benchmark of the move: bench.rows rows, three quarters of them clients, the others their bookings, with
-- jsonb, arrays, numbers with a scale and times without a zone as a salon's business has them. The same on every server.

-- A number from 0 to below - 1 that follows from n and salt alone: random() differs between PostgreSQL's versions.
create function pg_temp.draw(n bigint, salt bigint, below bigint) returns integer
language sql immutable
return ((hashint8extended(n, salt) % below + below) % below)::integer;

create schema salon;
set search_path = salon;

create table clients (
  id              serial primary key,
  yclients_id     integer not null,
  company_id      integer not null,
  name            text,
  phone           character varying(50) not null,
  email           character varying(255),
  discount        numeric(5, 2) default 0,
  total_spent     numeric(12, 2),
  visit_count     integer default 0,
  first_visit     date,
  branch_ids      integer[],
  tags            text[],
  last_services   text[],
  visit_history   jsonb default '[]',
  preferences     jsonb,
  blacklisted     boolean default false,
  notes           text,
  created_at      timestamp without time zone default now(),
  updated_at      timestamp without time zone
);

create table bookings (
  id              uuid primary key,
  client_id       integer not null,
  company_id      integer not null,
  services        text[],
  service_ids     integer[],
  datetime        timestamp without time zone not null,
  duration        interval,
  cost            numeric(12, 2),
  status          text default 'planned' check (status in ('planned', 'active', 'completed', 'cancelled')),
  data            jsonb,
  comment         text,
  created_at      timestamp with time zone default now()
);

insert into clients
select n, n * 3 + 1000000, 1 + pg_temp.draw(n, 1, 40),
       case when pg_temp.draw(n, 2, 20) > 0 then 'Клиент ' || n || ' "' || substr(md5(n::text), 1, 6) || '"' end,
       '+79' || lpad(pg_temp.draw(n, 3, 1000000000)::text, 9, '0'),
       case when pg_temp.draw(n, 4, 10) < 4 then 'client' || n || '@example.com' end,
       pg_temp.draw(n, 5, 3000) / 100.0,
       pg_temp.draw(n, 6, 100000000) / 100.0,
       pg_temp.draw(n, 7, 60),
       date '2019-01-01' + pg_temp.draw(n, 8, 2000),
       array[pg_temp.draw(n, 9, 40), null, pg_temp.draw(n, 10, 40)],
       array['vip, gold', 'say "hi"', null, substr(md5(n::text), 1, 4)],
       case when pg_temp.draw(n, 11, 4) > 0 then array['стрижка', 'окрашивание ' || pg_temp.draw(n, 12, 100)] end,
       jsonb_build_array(jsonb_build_object('date', date '2020-01-01' + pg_temp.draw(n, 13, 1500), 'cost', pg_temp.draw(n, 14, 9000),
                                            'services', jsonb_build_array('маникюр', md5(n::text)), 'paid', null)),
       case when pg_temp.draw(n, 15, 3) > 0
            then jsonb_build_object('time', 'morning', 'staff', pg_temp.draw(n, 16, 12), 'big', 9007199254740993 + n, 'note', md5(n::text)) end,
       pg_temp.draw(n, 17, 50) = 0,
       case when pg_temp.draw(n, 18, 3) = 0 then repeat('Просит перезвонить. ', 1 + pg_temp.draw(n, 19, 8)) end,
       timestamp '2023-01-01' + n * interval '13.000007 seconds',
       case when pg_temp.draw(n, 20, 5) > 0 then timestamp '2024-01-01' + n * interval '7.000003 seconds' end
  from generate_series(1, greatest(1, current_setting('bench.rows')::bigint * 3 / 4)) n;

insert into bookings
select md5('booking ' || n)::uuid,
       1 + pg_temp.draw(n, 30, greatest(1, current_setting('bench.rows')::bigint * 3 / 4)),
       1 + pg_temp.draw(n, 31, 40),
       array['стрижка, "каре"', 'укладка ' || pg_temp.draw(n, 32, 50)],
       array[pg_temp.draw(n, 33, 500), pg_temp.draw(n, 34, 500)],
       timestamp '2024-01-01' + n * interval '31.000001 seconds',
       (30 + 15 * pg_temp.draw(n, 35, 8)) * interval '1 minute',
       pg_temp.draw(n, 36, 2000000) / 100.0,
       (array['planned', 'active', 'completed', 'cancelled'])[1 + pg_temp.draw(n, 37, 4)],
       jsonb_build_object('online', pg_temp.draw(n, 38, 2) = 0, 'hash', md5(n::text), 'parts', jsonb_build_array(n, null, 'x')),
       case when pg_temp.draw(n, 39, 4) = 0 then 'Комментарий ' || md5(n::text) end,
       timestamptz '2024-01-01 00:00+00' + n * interval '29.000003 seconds'
  from generate_series(1, current_setting('bench.rows')::bigint - greatest(1, current_setting('bench.rows')::bigint * 3 / 4)) n;

alter table clients add constraint clients_yclients_id_company_id_key unique (yclients_id, company_id);
create index clients_phone_idx on clients (phone);
create index clients_company_id_created_at_idx on clients (company_id, created_at);
alter table bookings add constraint bookings_client_id_fkey foreign key (client_id) references clients (id) on delete cascade;
create index bookings_client_id_idx on bookings (client_id);
create index bookings_datetime_idx on bookings (datetime);
create index bookings_open_idx on bookings (company_id, datetime) where status in ('planned', 'active');
select setval('clients_id_seq', (select max(id) from clients));
