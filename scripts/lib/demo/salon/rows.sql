-- The salon's rows: as many of each table as a real one had, all made up, and the same on every call.
create temp table shape as
  select n - 1 as n, value
    from unnest(array[
           null, 'null', '{}', '[]', '"123"', '123', 'true', '"with \"quotes\", commas and {braces}"', '[null, 1, "NULL", ""]',
           '{"name": "Ира", "tags": ["a,b", "c\"d", null], "nested": {"deep": [[], {}, [{"x": null}]]}}',
           '9007199254740993', '12.500', '{"big": 123456789012345678901234567890, "small": 1e-20}', '"\u2028 \\u0000 😀"',
           '[{"at": "2025-11-09T10:00:00", "cost": 1500.00}]', '{"a b": {"": "empty name"}}'
         ]::jsonb[]) with ordinality as shapes (value, n);

create function pg_temp.json_at(i bigint) returns jsonb
  language sql
  return (select value from pg_temp.shape where n = i % 16);

create function pg_temp.id_at(kind text, i bigint) returns uuid
  language sql
  return md5(kind || i)::uuid;

create function pg_temp.time_at(i bigint) returns timestamp
  language sql
  return timestamp '2025-03-01 09:00:00.000001' + i * interval '1 hour 7 minutes 3.141593 seconds';

insert into companies (id, company_id, yclients_id, title, timezone, coordinate_lat, coordinate_lon, raw_data, whatsapp_config,
                       sms_short_names, subscription_expires_at, last_payment_date, created_at, updated_at)
values (15, 962302, 962302, 'Salon "Ромашка"', 'Europe/Moscow', 55.7558000, 37.6173001, pg_temp.json_at(9), pg_temp.json_at(1),
        array['SALON', 'RO,M', null], '2026-03-01 00:00:00.5+03', '2025-10-31 23:59:59.999999', pg_temp.time_at(0), pg_temp.time_at(1));

insert into clients (id, yclients_id, name, phone, raw_phone, email, discount, company_id, branch_ids, tags, status, visit_count,
                     total_spent, first_visit_date, last_visit_date, visit_history, preferences, last_services, last_service_ids,
                     favorite_staff_ids, preferred_time_slots, average_bill, blacklisted, notes, last_ai_interaction, ai_context,
                     ai_satisfaction_score, services_amount, goods_amount, goods_purchases, created_at, updated_at)
select i * 2 + 100, 5000000 + i, case when i % 11 <> 0 then 'Client ' || i end, '7900' || lpad(i::text, 7, '0'), '+7 900 ' || i,
       case when i % 3 = 0 then 'Client' || i || '@Example.test' end, i % 100 + 0.5, 962302, array[962302, i]::int[],
       case i % 4 when 0 then array['vip', 'a,b', 'quote"d', null, '', 'NULL', '{curly}', 'back\slash'] when 1 then '{}' end,
       (array['active', 'inactive'])[i % 2 + 1], i % 40, i * 150.10, date '2024-01-01' + i::int % 300, date '2025-01-01' + i::int % 300,
       pg_temp.json_at(i), pg_temp.json_at(i + 1), array['Haircut, men''s', 'Beard "full"'], array[i % 63, null]::int[],
       case when i % 5 = 0 then array[i % 12 + 1] end::int[], array['10:00-12:00'], i + 0.01, i % 97 = 0,
       case when i % 7 = 0 then E'two\nlines\tand a tab, \\N, "quoted"' end, pg_temp.time_at(i), pg_temp.json_at(i + 2),
       i % 5 + 0.25, i * 1.10, case when i % 13 = 0 then 'NaN' else i / 7.0 end, pg_temp.json_at(i + 3), pg_temp.time_at(i),
       pg_temp.time_at(i + 10)
  from generate_series(1, 1304) i;

insert into services (id, yclients_id, company_id, title, category_id, category_title, price_min, price_max, duration, seance_length,
                      is_active, description, weight, raw_data, declensions, created_at, updated_at)
select i, 700000 + i, 962302, 'Service ' || i, i % 7, 'Category ' || i % 7, i * 100, i * 150.5, 3600, 1800 + i, i % 9 <> 0,
       repeat('описание ', (i % 4)::int), i, pg_temp.json_at(i), pg_temp.json_at(i + 5), pg_temp.time_at(i), pg_temp.time_at(i)
  from generate_series(1, 63) i;

insert into staff (id, yclients_id, company_id, name, specialization, "position", rating, votes_count, service_ids, experience_years,
                   level_name, raw_data, declensions, created_at, updated_at)
select i, 3000 + i, 962302, 'Master ' || i, 'barber', 'senior', 4 + i / 100.0, i * 3, array[i, i + 12], i, 'top', pg_temp.json_at(i),
       jsonb_build_object('nominative', 'Master ' || i), pg_temp.time_at(i), pg_temp.time_at(i)
  from generate_series(1, 12) i;

insert into staff_schedules (id, staff_id, staff_name, "date", is_working, work_start, work_end, working_hours, company_id, last_updated)
select 9007199254740993 + i, i % 12 + 1, 'Master ' || i % 12 + 1, date '2025-11-01' + (i / 12)::int, i % 5 <> 0,
       case when i % 5 <> 0 then time '10:00' end, case when i % 5 <> 0 then time '21:59:59.999999' end, '10:00-22:00', 962302,
       pg_temp.time_at(i)
  from generate_series(1, 44) i;

insert into bookings (id, yclients_record_id, company_id, client_phone, client_name, client_yclients_id, staff_id, staff_name, services,
                      service_ids, datetime, "date", duration, cost, prepaid, status, visit_attendance, comment, created_at, updated_at)
select pg_temp.id_at('booking', i), 880000 + i, 962302, '7900' || lpad(i::text, 7, '0'), 'Client ' || i, 5000000 + i, i % 12 + 1,
       'Master', array['Service ' || i % 63, 'with, comma'], array[i % 63]::int[], pg_temp.time_at(i * 5), pg_temp.time_at(i * 5)::date,
       3600, i * 100.50, 0, (array['confirmed', 'cancelled', 'completed'])[i % 3 + 1], i % 3 - 1, nullif('comment ' || i, 'comment 7'),
       pg_temp.time_at(i), pg_temp.time_at(i)
  from generate_series(1, 45) i;

insert into dialog_contexts (id, user_id, state, data, messages, context_metadata, client_id, last_activity, message_count,
                             last_booking_id, session_type, company_id, created_at, updated_at)
select pg_temp.id_at('dialog', i), '7900' || i || '@c.us', 'idle', pg_temp.json_at(i), pg_temp.json_at(i + 8), pg_temp.json_at(i + 1),
       i * 2 + 100, pg_temp.time_at(i), i, case when i % 2 = 0 then pg_temp.id_at('booking', i) end, 'whatsapp', 962302,
       pg_temp.time_at(i), pg_temp.time_at(i)
  from generate_series(1, 21) i;

insert into messages (id, company_id, client_phone, direction, content, status, metadata, created_at)
select pg_temp.id_at('message', i), 962302, '7900' || lpad((i % 30)::text, 7, '0'), (array['incoming', 'outgoing'])[i % 2 + 1],
       'Text ' || i || E' \u2014 "да", \\ and \n a line', 'sent', pg_temp.json_at(i), pg_temp.time_at(i)
  from generate_series(1, 210) i;

insert into actions (id, company_id, client_phone, action_type, action_data, status, created_at, executed_at)
select pg_temp.id_at('action', i), 962302, '7900' || i, 'create_booking', pg_temp.json_at(i), 'done', pg_temp.time_at(i),
       case when i % 2 = 0 then pg_temp.time_at(i + 1) end
  from generate_series(1, 90) i;

insert into company_sync_status (id, company_id, last_sync_at, last_sync_success, clients_synced, created_at, updated_at)
values (1, 962302, pg_temp.time_at(5), true, 1304, pg_temp.time_at(5), pg_temp.time_at(5));

select setval(pg_get_serial_sequence(name, 'id'), top)
  from (values ('companies', 15), ('clients', 2708), ('services', 63), ('staff', 12), ('staff_schedules', 9007199254741037),
               ('company_sync_status', 1)) as tops (name, top);

drop function pg_temp.json_at (bigint);
drop function pg_temp.id_at (text, bigint);
drop function pg_temp.time_at (bigint);
drop table pg_temp.shape;
