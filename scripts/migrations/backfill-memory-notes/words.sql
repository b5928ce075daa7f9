-- A key in words: preferred_time, preferredTime, preferred-time → preferred time; VIPStatus → VIP status.
case
  when key !~ '[A-Z]' then btrim(regexp_replace(left(key, 2100), '[\s_-]+', ' ', 'g'))
  when key !~ '[a-z]' and key ~ '[_-]' then lower(btrim(regexp_replace(left(key, 2100), '[\s_-]+', ' ', 'g')))
  else (select coalesce(string_agg(case when word ~ '^[A-Z]{2,}[0-9]*s?$' then word else lower(word) end, ' ' order by nth), '')
          from regexp_split_to_table(regexp_replace(regexp_replace(left(key, 2100),
                                                                   '([a-z0-9])([A-Z])', '\1 \2', 'g'),
                                                    '([A-Z])([A-Z][a-z]{2,})', '\1 \2', 'g'),
                                     '[\s_-]+') with ordinality part (word, nth)
         where word <> '')
end
