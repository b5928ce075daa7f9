\set ON_ERROR_STOP on
-- Verifies batch 5, backfill-memory-notes. Each check selects what is wrong; no rows are good. The last statement raises when a
-- failure found something. Usage: psql "$DATABASE_URL" -f verify.sql. Only reads.
select set_config('verify.failed', '', false) as "checks that failed so far";

-- check: every key that makes a note has one, that says what its lead says and is its lead's customer's, or a reason (failure)
-- From `named` to `told` this is the batch's own statement, word for word; a test holds them together.
with recursive item as materialized (
  select row_number() over () as n, l.id as lead_id, l.customer_id, i.key, i.value
    from "Lead" l
   cross join lateral jsonb_each(case when jsonb_typeof(l.state_metadata) = 'object' then l.state_metadata else '{}' end) i
   where l.state_metadata is not null
     and l.customer_id is not null),

known as materialized (
  select key, number, coalesce(nullif(name, ''), btrim(key)) as name, (select plain ~ ' ([a-z0-9]*(password|passwd|passphrase|passcode|pwd|secret|token|apikey|accesskey|privatekey|secretkey|credential|authorization|sessionid|sessid|cookie|cardnumber|pincode)s?[0-9]*|(password|passwd|apikey)[a-z0-9]*|(o|basic|http|proxy)?auth|jwt|bearer|[th]?otp|pin[0-9]*|cv[vc][0-9]*|ssn) '
     or plain ~ ' (api|access|private|secret|encryption|signing|auth|ssh|gpg|pgp|master|client|license|service|account|session) keys?[0-9]* '
     or plain ~ ' (session id|card (number|no|num|nr)|(verification|security|recovery|backup|one time|sms|login|mfa|2fa|access|reset) codes?|connection string) '
     or plain ~ '^ (pass|pan|sid|(credit|debit|bank) card) $'
     or plain ~ ' ([а-яё]*парол[а-яё]*|[а-яё]*токен[а-яё]*|секрет[а-яё]*|пин|пинкод|куки|код (подтверждения|из смс|безопасности|доступа)|номер карты|ключ (api|апи|доступа)|(api|апи) ключ) '
   from (select ' ' || regexp_replace(regexp_replace(
                  translate(lower(name), 'АБВГДЕЁЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯ', 'абвгдеёжзийклмнопрстуфхцчшщъыьэюя'),
                  '[^a-z0-9а-яё]+', ' ', 'g'),
                  case
                    when kind = 'number' and name ~* '(^| )(used|count|limit|max|min|total|prompt|completion|input|output|usage|budget|cost|left|remaining|number|num|per|average)( |$)'
                      then '\mtokens?\M|\mcookies? (consent|accepted|policy)\M'
                    else '\mcookies? (consent|accepted|policy)\M'
                  end, '', 'g') || ' ' as plain
         offset 0) normal) or (length(text) >= 6 and text ~ '[0-9=:._-]' and (
     text ~ '(^|[^A-Za-z0-9])(eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}|sk-(?=[A-Za-z_-]*[0-9])[A-Za-z0-9_-]{16,}|[spr]k_(live|test)_[A-Za-z0-9]{8,}|whsec_[A-Za-z0-9]{16,}|gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,}|glpat-[A-Za-z0-9_-]{16,}|xox[abeprs]-[A-Za-z0-9-]{10,}|(AKIA|ASIA)[0-9A-Z]{16}|AIza[0-9A-Za-z_-]{30,}|EAA[A-Za-z0-9]{30,}|[0-9]{8,10}:[A-Za-z0-9_-]{35})'
  or text ~ '-----BEGIN [A-Z0-9 ]+-----'
  or text ~* '(^|[^a-z0-9])(bearer +(?=[^ ]*[0-9])[a-z0-9._~+/=-]{8,}|basic +(?=[^ ]*[0-9=])[a-z0-9+/]{16,}=*)'
  or text ~* '[a-z][a-z0-9+.-]*://[^/ :@]*:[^/ @]+@|[?&](access_token|refresh_token|token|api_?key|secret|password|sig|signature)=[^& ]{4,}'
  or text ~* '(^|[^a-zа-яё])(password|passwd|pwd|passphrase|[Пп]ароль|cvv|cvc|api[ _-]?key|secret|token)["'']? *[:=] *[^ ]'
  or (text ~ '[2-6]([ -]?[0-9]){12}'
      and exists (select
                    from (select regexp_matches(text, '(?<![0-9])([2-6](?:[ -]?[0-9]){12,18})(?![0-9])', 'g') as found
                           union all
                          select regexp_matches(text, '(?<![0-9])([2-6][0-9]{3}(?:[ -][0-9]{4}){3})(?![0-9])', 'g')
                           union all
                          select regexp_matches(text, '(?<![0-9])(3[47][0-9]{2}[ -][0-9]{6}[ -][0-9]{5})(?![0-9])', 'g')) number
                   cross join lateral (select translate(found[1], ' -', '') as digits) card
                   where (select sum(case when (length(digits) - place) % 2 = 1 then digit * 2 / 10 + digit * 2 % 10 else digit end) % 10
                            from (select place, substr(digits, place, 1)::int as digit
                                    from generate_series(1, length(digits)) place) one) = 0)))) as hidden
    from (select key, number, case when number then 'number' end as kind, case
  when key !~ '[A-Z]' then btrim(regexp_replace(left(key, 2100), '[\s_-]+', ' ', 'g'))
  when key !~ '[a-z]' and key ~ '[_-]' then lower(btrim(regexp_replace(left(key, 2100), '[\s_-]+', ' ', 'g')))
  else (select coalesce(string_agg(case when word ~ '^[A-Z]{2,}[0-9]*s?$' then word else lower(word) end, ' ' order by nth), '')
          from regexp_split_to_table(regexp_replace(regexp_replace(left(key, 2100),
                                                                   '([a-z0-9])([A-Z])', '\1 \2', 'g'),
                                                    '([A-Z])([A-Z][a-z]{2,})', '\1 \2', 'g'),
                                     '[\s_-]+') with ordinality part (word, nth)
         where word <> '')
end as name, key as text
            from (select distinct key collate "C" as key, jsonb_typeof(value) = 'number' as number
                    from item
                   where key is not null) plain
          offset 0) item),

named as materialized (
  select item.n, item.value, known.name, known.hidden
    from item
    join known on known.key = item.key collate "C" and known.number = (jsonb_typeof(item.value) = 'number')),

part as (
  select n, ''::text collate "C" as path, '{}'::int[] as line, 0 as element, value, jsonb_typeof(value) as kind, hidden
    from named
   where not hidden
   union all
  select part.n, child.path, child.line, child.element, child.value, jsonb_typeof(child.value), child.hidden
    from part
   cross join lateral (
         select left(ltrim(part.path || ' ' || coalesce(nullif(name, ''), btrim(key))), 2001) as path, part.line || nth as line,
                0 as element, value, (select plain ~ ' ([a-z0-9]*(password|passwd|passphrase|passcode|pwd|secret|token|apikey|accesskey|privatekey|secretkey|credential|authorization|sessionid|sessid|cookie|cardnumber|pincode)s?[0-9]*|(password|passwd|apikey)[a-z0-9]*|(o|basic|http|proxy)?auth|jwt|bearer|[th]?otp|pin[0-9]*|cv[vc][0-9]*|ssn) '
     or plain ~ ' (api|access|private|secret|encryption|signing|auth|ssh|gpg|pgp|master|client|license|service|account|session) keys?[0-9]* '
     or plain ~ ' (session id|card (number|no|num|nr)|(verification|security|recovery|backup|one time|sms|login|mfa|2fa|access|reset) codes?|connection string) '
     or plain ~ '^ (pass|pan|sid|(credit|debit|bank) card) $'
     or plain ~ ' ([а-яё]*парол[а-яё]*|[а-яё]*токен[а-яё]*|секрет[а-яё]*|пин|пинкод|куки|код (подтверждения|из смс|безопасности|доступа)|номер карты|ключ (api|апи|доступа)|(api|апи) ключ) '
   from (select ' ' || regexp_replace(regexp_replace(
                  translate(lower(name), 'АБВГДЕЁЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯ', 'абвгдеёжзийклмнопрстуфхцчшщъыьэюя'),
                  '[^a-z0-9а-яё]+', ' ', 'g'),
                  case
                    when kind = 'number' and name ~* '(^| )(used|count|limit|max|min|total|prompt|completion|input|output|usage|budget|cost|left|remaining|number|num|per|average)( |$)'
                      then '\mtokens?\M|\mcookies? (consent|accepted|policy)\M'
                    else '\mcookies? (consent|accepted|policy)\M'
                  end, '', 'g') || ' ' as plain
         offset 0) normal) or (length(text) >= 6 and text ~ '[0-9=:._-]' and (
     text ~ '(^|[^A-Za-z0-9])(eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}|sk-(?=[A-Za-z_-]*[0-9])[A-Za-z0-9_-]{16,}|[spr]k_(live|test)_[A-Za-z0-9]{8,}|whsec_[A-Za-z0-9]{16,}|gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,}|glpat-[A-Za-z0-9_-]{16,}|xox[abeprs]-[A-Za-z0-9-]{10,}|(AKIA|ASIA)[0-9A-Z]{16}|AIza[0-9A-Za-z_-]{30,}|EAA[A-Za-z0-9]{30,}|[0-9]{8,10}:[A-Za-z0-9_-]{35})'
  or text ~ '-----BEGIN [A-Z0-9 ]+-----'
  or text ~* '(^|[^a-z0-9])(bearer +(?=[^ ]*[0-9])[a-z0-9._~+/=-]{8,}|basic +(?=[^ ]*[0-9=])[a-z0-9+/]{16,}=*)'
  or text ~* '[a-z][a-z0-9+.-]*://[^/ :@]*:[^/ @]+@|[?&](access_token|refresh_token|token|api_?key|secret|password|sig|signature)=[^& ]{4,}'
  or text ~* '(^|[^a-zа-яё])(password|passwd|pwd|passphrase|[Пп]ароль|cvv|cvc|api[ _-]?key|secret|token)["'']? *[:=] *[^ ]'
  or (text ~ '[2-6]([ -]?[0-9]){12}'
      and exists (select
                    from (select regexp_matches(text, '(?<![0-9])([2-6](?:[ -]?[0-9]){12,18})(?![0-9])', 'g') as found
                           union all
                          select regexp_matches(text, '(?<![0-9])([2-6][0-9]{3}(?:[ -][0-9]{4}){3})(?![0-9])', 'g')
                           union all
                          select regexp_matches(text, '(?<![0-9])(3[47][0-9]{2}[ -][0-9]{6}[ -][0-9]{5})(?![0-9])', 'g')) number
                   cross join lateral (select translate(found[1], ' -', '') as digits) card
                   where (select sum(case when (length(digits) - place) % 2 = 1 then digit * 2 / 10 + digit * 2 % 10 else digit end) % 10
                            from (select place, substr(digits, place, 1)::int as digit
                                    from generate_series(1, length(digits)) place) one) = 0)))) as hidden
           from (select key, key as text, value, nth::int as nth, jsonb_typeof(value) as kind, case
  when key !~ '[A-Z]' then btrim(regexp_replace(left(key, 2100), '[\s_-]+', ' ', 'g'))
  when key !~ '[a-z]' and key ~ '[_-]' then lower(btrim(regexp_replace(left(key, 2100), '[\s_-]+', ' ', 'g')))
  else (select coalesce(string_agg(case when word ~ '^[A-Z]{2,}[0-9]*s?$' then word else lower(word) end, ' ' order by nth), '')
          from regexp_split_to_table(regexp_replace(regexp_replace(left(key, 2100),
                                                                   '([a-z0-9])([A-Z])', '\1 \2', 'g'),
                                                    '([A-Z])([A-Z][a-z]{2,})', '\1 \2', 'g'),
                                     '[\s_-]+') with ordinality part (word, nth)
         where word <> '')
end as name
                   from (select key collate "C" as key, value, nth
                           from jsonb_each(case when part.kind = 'object' then part.value else '{}' end)
                                  with ordinality field (key, value, nth)) plain
                 offset 0) field
          union all
         select case when nested then left(ltrim(part.path || ' ' || nth), 2001) else part.path end,
                case when nested then part.line || nth::int else part.line end,
                nth::int, value, false
           from (select jsonb_path_exists(part.value, 'strict $[*] ? (@.type() == "object" || @.type() == "array")') as nested
                  where part.kind = 'array'
                 offset 0) list
          cross join lateral jsonb_array_elements(part.value) with ordinality element (value, nth)) child
   where part.kind in ('object', 'array') and not part.hidden),

leaf as (
  select n, path, line, element, case when not hidden then nullif(text, '') end as text,
         hidden or case when text <> '' then (length(text) >= 6 and text ~ '[0-9=:._-]' and (
     text ~ '(^|[^A-Za-z0-9])(eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}|sk-(?=[A-Za-z_-]*[0-9])[A-Za-z0-9_-]{16,}|[spr]k_(live|test)_[A-Za-z0-9]{8,}|whsec_[A-Za-z0-9]{16,}|gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,}|glpat-[A-Za-z0-9_-]{16,}|xox[abeprs]-[A-Za-z0-9-]{10,}|(AKIA|ASIA)[0-9A-Z]{16}|AIza[0-9A-Za-z_-]{30,}|EAA[A-Za-z0-9]{30,}|[0-9]{8,10}:[A-Za-z0-9_-]{35})'
  or text ~ '-----BEGIN [A-Z0-9 ]+-----'
  or text ~* '(^|[^a-z0-9])(bearer +(?=[^ ]*[0-9])[a-z0-9._~+/=-]{8,}|basic +(?=[^ ]*[0-9=])[a-z0-9+/]{16,}=*)'
  or text ~* '[a-z][a-z0-9+.-]*://[^/ :@]*:[^/ @]+@|[?&](access_token|refresh_token|token|api_?key|secret|password|sig|signature)=[^& ]{4,}'
  or text ~* '(^|[^a-zа-яё])(password|passwd|pwd|passphrase|[Пп]ароль|cvv|cvc|api[ _-]?key|secret|token)["'']? *[:=] *[^ ]'
  or (text ~ '[2-6]([ -]?[0-9]){12}'
      and exists (select
                    from (select regexp_matches(text, '(?<![0-9])([2-6](?:[ -]?[0-9]){12,18})(?![0-9])', 'g') as found
                           union all
                          select regexp_matches(text, '(?<![0-9])([2-6][0-9]{3}(?:[ -][0-9]{4}){3})(?![0-9])', 'g')
                           union all
                          select regexp_matches(text, '(?<![0-9])(3[47][0-9]{2}[ -][0-9]{6}[ -][0-9]{5})(?![0-9])', 'g')) number
                   cross join lateral (select translate(found[1], ' -', '') as digits) card
                   where (select sum(case when (length(digits) - place) % 2 = 1 then digit * 2 / 10 + digit * 2 % 10 else digit end) % 10
                            from (select place, substr(digits, place, 1)::int as digit
                                    from generate_series(1, length(digits)) place) one) = 0)))) else false end as hidden
    from (select n, path, line, element, hidden,
                 case kind
                   when 'string'  then btrim(regexp_replace((value #>> '{}') collate "C", '[\s\u0085\u00a0\u1680\u2000-\u200b\u2028\u2029\u202f\u205f\u3000\ufeff]+', ' ', 'g'))
                   when 'number'  then value #>> '{}'
                   when 'boolean' then case when value = 'true' then 'yes' else 'no' end
                 end as text
            from part
           where hidden or kind not in ('object', 'array')
          offset 0) plain),

line as (
  select n, line, min(path) as path, string_agg(text, ', ' order by element) filter (where not hidden) as text,
         bool_or(hidden) as hidden
    from leaf
group by n, line),

said as (
  select n, bool_or(hidden) as hidden,
         string_agg(case when path = '' then text else path || ': ' || text end, '; ' order by line) as text
    from line
group by n),

told as materialized (
  select named.n,
         named.hidden or coalesce(said.hidden, false) as hidden,
         case when length(content) > 2000 then left(content, 1997) || '...' else content end as content
    from named
    left join said on said.n = named.n
   cross join lateral (select case when name = '' then said.text else name || ': ' || said.text end as content offset 0) whole)

select item.lead_id, left(item.key, 60) as key, case when note.id is null then 'missing' else 'not as its lead has it' end as found,
       set_config('verify.failed', 'notes of keys', false) as "check"
  from item
  join told on told.n = item.n
  left join "MemoryNote" note on note.metadata ->> 'source' = 'state_metadata_backfill'
                             and md5((note.metadata ->> 'leadId') || '/' || (note.metadata ->> 'key')) = md5(lead_id || '/' || item.key)
 where told.content is not null
   and case
         when note.id is null
           then not exists (select from "MemoryNote" n where n.id = crm_uuid('state_metadata_backfill', lead_id || '/' || item.key))
         else (note.content = told.content or md5(note.content) = note.metadata ->> 'contentMd5')
              and (note.content <> told.content or note.customer_id is distinct from item.customer_id)
       end
   and lead_id || case
              when item.key is null               then ''
              when octet_length(item.key) <= 200  then '/' || item.key
              else '/' || left(item.key, 40) || '... ' || md5(item.key)
            end
       not in (select item_key from migration_errors where script = 'backfill-memory-notes' and resolved_at is null);

-- check: no two notes of one key of one lead (failure)
select metadata ->> 'leadId' as lead_id, left(metadata ->> 'key', 60) as key, count(*),
       set_config('verify.failed', 'two notes of one key', false) as "check"
  from "MemoryNote"
 where metadata ->> 'source' = 'state_metadata_backfill'
   and metadata ->> 'leadId' is not null
   and metadata ->> 'key' is not null
group by metadata ->> 'leadId', metadata ->> 'key'
having count(*) > 1;

-- check: the unique index on lead and key is there and valid (failure)
select 'MemoryNote_lead_state_key' as index_name, set_config('verify.failed', 'index', false) as "check"
 where not exists (select
                     from pg_index
                    where indexrelid = to_regclass('"MemoryNote_lead_state_key"')
                      and indisvalid
                      and indisunique);

-- check: items in quarantine (failure)
select item_key, code, message, set_config('verify.failed', 'quarantine', false) as "check"
  from migration_errors
 where script = 'backfill-memory-notes'
   and resolved_at is null;

-- check: notes whose lead, or whose key in it, is gone (warning)
select n.id as note_id
  from "MemoryNote" n
  left join "Lead" l on l.id::text = n.metadata ->> 'leadId'
 where n.metadata ->> 'source' = 'state_metadata_backfill'
   and (jsonb_typeof(l.state_metadata) = 'object' and l.state_metadata ? (n.metadata ->> 'key')) is not true;

-- check: notes that somebody has edited (warning)
select id as note_id
  from "MemoryNote"
 where metadata ->> 'source' = 'state_metadata_backfill'
   and md5(content) <> metadata ->> 'contentMd5';

-- check: leads with keys and without a customer (warning)
select id as lead_id
  from "Lead"
 where customer_id is null
   and jsonb_typeof(state_metadata) = 'object'
   and state_metadata <> '{}';

do $$
begin
  if current_setting('verify.failed') <> '' then
    raise exception 'batch 5 does not hold: see the rows above (last: %)', current_setting('verify.failed');
  end if;
end $$;
