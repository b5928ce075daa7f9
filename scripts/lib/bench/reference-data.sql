-- Reference data for the benchmark: a CRM with bench.leads leads and bench.audits audits, the same on every server.
-- The log is in the order of time, as a CRM writes it, so that the audits of one lead lie all over the table.
-- Times are whole milliseconds: a JavaScript Date, through which some contestants move them, can't hold more.

-- A number from 0 to below - 1 that follows from n and salt alone: random() differs between PostgreSQL's versions.
create function pg_temp.draw(n bigint, salt bigint, below bigint) returns integer
language sql immutable
return ((hashint8extended(n, salt) % below + below) % below)::integer;

-- Common words are drawn more often than rare ones.
create temporary table phrase as
with vocabulary (locale, words) as (
       values
         (0, string_to_array('the you we is for my it to can order please when delivery hello have thanks what will address
              today tomorrow time could payment check not yet work which number price one morning cleaning good we''ll confirm
              booking evening card street change send available window service possible discount technician invoice refund
              phone arrived cancel apartment reschedule two between before after weekend kitchen bathroom carpet furniture
              broken urgent receipt estimate deposit schedule manager appointment warranty parking entrance elevator floor',
              ' ')),
         (1, string_to_array('здравствуйте на заказ можно не когда вы доставка спасибо пожалуйста мы вас сегодня завтра адрес
              время оплата есть будет сколько стоит номер утром хорошо да нет подскажите вечером картой улица изменить отправить
              товар размер курьер скидка возврат телефон чек отменить квартира перенести ещё между после выходные уборка кухня
              ковёр мебель сломан срочно мастер договор менеджер запись гарантия подъезд этаж домофон склад наличие цвет',
              ' '))),
     slot as (
       select p, p % 2 as locale, position
         from generate_series(0, 19999) p
        cross join generate_series(1, 4 + pg_temp.draw(p, 1, 12)) position)
select p as id, locale,
       string_agg(words[1 + (cardinality(words) * power(pg_temp.draw(p * 100 + position, 2, 1000) / 1000.0, 2))::integer
                            % cardinality(words)], ' ' order by position) as text
  from slot
  join vocabulary using (locale)
 group by p, locale;
create unique index on phrase (id);

insert into "Lead" (id, channel, name, messenger_psid, phone, email, stage, created_at, updated_at)
select md5('lead ' || n)::uuid,
       (enum_range(null::"Channel"))[1 + pg_temp.draw(n, 3, 7)],
       'Lead ' || n,
       case when pg_temp.draw(n, 4, 10) < 5 then (10000000000 + n)::text end,
       case when pg_temp.draw(n, 4, 10) > 3 then '+7 9' || lpad(pg_temp.draw(n, 5, 1000000000)::text, 9, '0') end,
       case when pg_temp.draw(n, 6, 10) < 3 then 'lead' || n || '@example.com' end,
       (array['new', 'qualified', 'booked', 'lost'])[1 + pg_temp.draw(n, 7, 4)],
       began, began
  from generate_series(1, current_setting('bench.leads')::bigint) n,
       lateral (select timestamptz '2024-12-01 00:00+00' + pg_temp.draw(n, 8, 2592000) * interval '1 second' as began) t;

-- One audit in ten belongs to the busiest hundredth of the leads. Some belong to a lead that is gone, or to none.
insert into "Audit" (id, lead_id, actor, action, payload, created_at)
select md5('audit ' || n)::uuid,
       case when fate >= 10 then md5('lead ' || lead)::uuid
            when fate >= 5  then md5('gone ' || lead)::uuid end,
       actor,
       case actor when 'customer' then 'message_received' when 'agent' then 'message_sent' else 'state_changed' end,
       case when shape < 860 then jsonb_build_object('text', text, 'channel', 'chat')
            when shape < 900 then jsonb_build_object('message', text)
            when shape < 930 then jsonb_build_object('content', text, 'text', ' ')
            when shape < 950 then jsonb_build_object('body', text)
            when shape < 970 then to_jsonb(text)
            when shape < 990 then jsonb_build_object('from', 'new', 'to', 'booked', 'note', jsonb_build_array(n, text))
            else '{}' end,
       timestamptz '2025-01-01 00:00+00'
       + n * date_trunc('milliseconds', interval '300 days' / current_setting('bench.audits')::bigint)
  from generate_series(1, current_setting('bench.audits')::bigint) n,
       lateral (
         select pg_temp.draw(n, 9, 1000) as fate,
                pg_temp.draw(n, 10, 1000) as shape,
                1 + pg_temp.draw(n, 11, case when pg_temp.draw(n, 12, 10) = 0
                                             then greatest(current_setting('bench.leads')::bigint / 100, 1)
                                             else current_setting('bench.leads')::bigint end) as lead,
                (array['customer', 'agent', 'system', 'tool', 'robot'])[
                  case when pg_temp.draw(n, 13, 100) < 50 then 1
                       when pg_temp.draw(n, 13, 100) < 92 then 2
                       when pg_temp.draw(n, 13, 100) < 97 then 3
                       when pg_temp.draw(n, 13, 100) < 98 then 4
                       else 5 end] as actor) drawn,
       lateral (
         select first.text
                || case when pg_temp.draw(n, 14, 10) < 6 then '. ' || second.text else '' end
                || case when pg_temp.draw(n, 14, 10) < 2 then '. ' || 100000 + pg_temp.draw(n, 15, 900000) else '' end as text
           from phrase first, phrase second
          where first.id = pg_temp.draw(n, 16, 20000)
            and second.id = 2 * pg_temp.draw(n, 17, 10000) + first.id % 2) composed;
