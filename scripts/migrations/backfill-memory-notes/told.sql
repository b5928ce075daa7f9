-- What each item (n, key, value) says: one line of text, or null where nothing is left, and whether a secret was left out.
-- A state is taken apart level by level, for all items of a page at once. `line` is where a part stands, as its numbers on each
-- level; parts of a list of plain values share a line. `offset 0`: what is worked out once is not worked out again for each use.
-- Most leads share their keys: each is looked at once, apart for numbers.
known as materialized (
  select key, number, coalesce(nullif(name, ''), btrim(key)) as name, :secret_name or :secret_text as hidden
    from (select key, number, case when number then 'number' end as kind, :words as name, key as text
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
                0 as element, value, :secret_name or :secret_text as hidden
           from (select key, key as text, value, nth::int as nth, jsonb_typeof(value) as kind, :words as name
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
         hidden or case when text <> '' then :secret_text else false end as hidden
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
