-- Values at every edge: what a double, a JavaScript Date, a JSON parser or a careless quote would damage.
insert into "every type" (id, "small", "real", "double", amount, price, cash, "char", letters, word, body, "name", raw, bits, more_bits,
                          flag, "uuid", "inet", "cidr", mac, lsn, "oid", "date", "time", time_tz, local_time, local_ms, "instant",
                          "interval", loose, tight, "path", words, search, spot, area, shape, round, mood, count, options, home, open,
                          whole, span, spans, texts, numbers, amounts, jsons, looses, moods, homes, times, raws, counts, grid)
values
  (9007199254740993, -32768, 3.4028235e38, 1.7976931348623157e308, 123456789012345678901234567890.123456789000, 12.5000000000,
   -12345678.90, 'x', 'pad', 'word', E'a "b", \\ {c} \t\r\n end', 'name', '\x00deadbeef5c27', b'10101', b'1', true,
   '00000000-0000-0000-0000-000000000001', '10.0.0.1/8', '10.0.0.0/8', '08:00:2b:01:02:03', '16/B374D848', 4294967295, '0044-03-15 BC',
   '24:00:00', '23:59:59.999999+14', '0044-03-15 12:00:00.000001 BC', '2025-11-09 10:00:00.123', '2025-03-30 01:59:59.999999+00',
   '-1 year -2 mons +3 days -04:05:06.789', '{"b":1,  "a":2,"b":3}', '{"b": 1, "a": [null, {}]}', '$.a[*] ? (@ > 1)', 'fat:2 cat:3A',
   'fat & (cat | rat)', '(1.5,-2)', '(1,1),(0,0)', '((0,0),(1,0),(1,1))', '<(0,0),2.5>', 'very, "happy"', 7, '{"on": true}',
   row ('Main, "old" St', 5, '1999-12-31 23:59:59.999999', array['ok', null]::mood[]), '[09:00,18:30)', '[1,5)',
   '["2025-01-01 00:00:00.000001+00",infinity)', '{[1,3),[5,9)}', array['a,b', 'c"d', null, '', 'NULL', '{x}', E'\\', ' '],
   '{9007199254740993,-9223372036854775808}', '{1.10,-0.01,NULL}', array['null', '[]', '"1"', null]::jsonb[],
   array['{"b":1,  "a":2}', 'null']::json[], '{sad,"very, \"happy\""}', array[row ('x', null, null, '{}')::address, null],
   '{infinity,"0001-01-01 00:00:00 BC"}', array['\x00', '\x']::bytea[], '{1,2}', '{{1,2},{3,NULL}}'),
  (-9223372036854775808, 0, '-0', '-0', 'NaN', 0.0000000001, 0, '', '', '', '', '', '', b'00000', b'', false,
   'ffffffff-ffff-ffff-ffff-ffffffffffff', '::1', '::/0', 'ff:ff:ff:ff:ff:ff', '0/0', 0, 'infinity', '00:00:00', '00:00:00-15:59',
   'infinity', '-infinity', 'infinity', '0', '"text"', '"123"', '$', '', '', '(0,0)', '(0,0),(0,0)', '((0,0))', '<(0,0),0>', 'sad', 1,
   '{}', row (null, null, null, null), 'empty', 'empty', 'empty', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}'),
  (9223372036854775807, 32767, 'NaN', '-Infinity', 'Infinity', 99999999999999999999.9999999999, 92233720368547758.07, 'é', 'ÄÖ  ', '😀',
   E'\u0001\u007f\u2028😀', '名', decode(repeat('ff', 3000), 'hex'), b'11111', b'0101010101', null, null, '2001:db8::/32',
   '2001:db8::/32', null, 'FFFFFFFF/FFFFFFFF', 1, '-infinity', '12:34:56.000001', '12:34:56.1+00', '294276-12-31 23:59:59.999999',
   '0001-01-01 00:00:00', '-infinity', '178000000 years', ' [1 , 2.50] ', '12.500', 'strict $', 'a''b', '!c', '(1e300,-1e-300)',
   '(3,4),(1,2)', '((0,0),(9,9))', '<(1,2),3>', 'ünïcode', 2147483647, 'null', row ('', 0, 'infinity', '{}'), '(,)', '(,)', '(,)', '{(,)}',
   '[0:2]={a,b,c}', '{{1},{2}}', '{NaN}', array['{"a": null}']::jsonb[], array['""']::json[], '{NULL}', '{}',
   '{"2025-11-09 10:00:00.123456"}', array[decode('5c22', 'hex')], '{3}', '[-1:0][5:6]={{1,2},{3,4}}'),
  (1, 1, 0.1, 0.1, 1.50, 1, 1, 'a', 'a', 'a', 'null', 'n', '\x5c', b'00001', b'1', true, null, null, null, null, null, null,
   '10000-01-01', '00:00:00.000001', null, '2025-11-09 10:00:00.000001', '2025-11-09 10:00:00.999', '2025-10-26 00:30:00+00', '1 day',
   'null', 'null', null, null, null, null, null, null, null, 'ok', 1, 'null', null, null, null, null, null, array[null]::text[], null,
   null, array['null', '{}']::jsonb[], array['null']::json[], null, null, null, null, null, null),
  (2, 2, null, null, 1.500, null, null, null, null, null, E'\\N', null, null, null, null, null, null, null, null, null, null, null, null,
   null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null,
   null, null, null, null, null, null, null, null, null, null, null, null),
  (3, null, null, null, null, null, null, null, null, null, E'\\.', null, null, null, null, null, null, null, null, null, null, null, null,
   null, null, null, null, null, null, 'true', 'false', null, null, null, null, null, null, null, null, null, null, null, null, null,
   null, null, null, null, null, null, null, null, null, null, null, null, null);

insert into "Quoted ""Names""" ("with space", "Ünï", ":colon")
select 'row ' || i, i + 0.05, case when i % 2 = 0 then ':x' end from generate_series(1, 25) i;
delete from "Quoted ""Names""" where "with space" = 'row 25';

insert into text_keys
select value, 'n' || n
  from unnest(array['', ' ', 'a', 'A', 'b', 'B', 'ab', 'a b', 'a-b', 'a,b', 'a"b', 'a''b', '(a)', '{a}', 'a.b', 'a:b', '10', '9', 'é', 'e',
                    'É', 'я', 'Я', 'ё', '名', '😀', 'null', 'NULL', E'\\', '%', '*', 'a%b', '&or=(x)', '+1', E'tab\there', E'line\nbreak']::text[])
       with ordinality as keys (value, n);
insert into c_text_keys select * from text_keys;
insert into bytea_keys select decode(value, 'hex'), value from unnest(array['', '00', '0000', 'ff', '5c', '2c', '22', '7f', '80']) value;
insert into numeric_keys
select value::numeric, value
  from unnest(array['NaN', 'Infinity', '-Infinity', '0', '1.10', '1.1000001', '-5', '12345678901234567890.5', '0.00000000000000000001']) value;
insert into uuid_keys select md5(i::text)::uuid, 'n' || i from generate_series(1, 500) i;
insert into enum_keys select value, value::text from unnest(enum_range(null::mood)) value;
insert into time_keys
select value::timestamp, value
  from unnest(array['infinity', '-infinity', '0044-03-15 12:00:00 BC', '2025-11-09 10:00:00', '2025-11-09 10:00:00.000001',
                    '2025-11-09 10:00:00.000002', '0001-01-01 00:00:00', '294276-12-31 23:59:59.999999']) value;
insert into date_keys
select value::date, value from unnest(array['infinity', '-infinity', '0044-03-15 BC', '2025-11-09', '10000-01-01']) value;
insert into three_keys
select company, mood, timestamptz '2025-03-30 00:00:00.5+00' + n * interval '30 minutes', case when n % 3 > 0 then 'null' end::jsonb
  from unnest(array['a', 'A', 'a,b', '']) company, unnest(enum_range(null::mood)) mood, generate_series(0, 9) n;
insert into turned_keys select i, chr(97 + i % 7), i % 10 from generate_series(1, 70) i;
insert into no_key values (1, 'twice'), (1, 'twice'), (null, null), (2, '');
insert into no_key_but_unique select i, 'n' || i from generate_series(1, 10) i;

-- Checked when the statement ends. Managers have higher numbers than those they manage, so that a page of the first ones refers to rows that are not there yet.
insert into employees select i, case when i < 40 then i + 1 end, 'Employee ' || i from generate_series(1, 40) i;

insert into chickens select i, 100 + i from generate_series(1, 20) i;
insert into eggs select 100 + i, 21 - i from generate_series(1, 20) i;

insert into stays (room, during, note, kind, at, three_company, three_kind, three_at)
select i, int4range(i * 10, i * 10 + 5), 'stay ' || i, (enum_range(null::mood))[i % 4 + 1], timestamptz '2025-01-01 00:00+00' + i * interval '1 day',
       case when i % 2 = 0 then 'a' end, case when i % 2 = 0 then 'ok'::mood end,
       case when i % 2 = 0 then timestamptz '2025-03-30 00:00:00.5+00' end
  from generate_series(1, 30) i;
