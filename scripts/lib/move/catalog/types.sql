-- The types of schema $1 that somebody made, with the names of those that each is made of.
with made as (
  select t.*,
         case t.typtype when 'e' then 'enum' when 'd' then 'domain' when 'c' then 'composite' else 'range' end as kind
    from pg_type t
    left join pg_class c on c.oid = t.typrelid
   where t.typnamespace = (select oid from pg_namespace where nspname = $1)
     and (t.typtype in ('e', 'd', 'r') or t.typtype = 'c' and c.relkind = 'c')
     and not exists (select from pg_depend where classid = 'pg_type'::regclass and objid = t.oid and deptype = 'e')
),
part as (
  select oid, typbasetype as part from made where typtype = 'd'
  union all
  select m.oid, a.atttypid from made m join pg_attribute a on a.attrelid = m.typrelid and a.attnum > 0 and not a.attisdropped
  union all
  select m.oid, r.rngsubtype from made m join pg_range r on r.rngtypid = m.oid
)
select m.typname as name,
       m.kind,
       case m.typtype
         when 'e' then
           (select format('as enum (%s)', string_agg(quote_literal(enumlabel), ', ' order by enumsortorder))
              from pg_enum where enumtypid = m.oid)
         when 'd' then concat_ws(' ',
           'as', format_type(m.typbasetype, m.typtypmod),
           case when m.typcollation not in (0, base.typcollation) then 'collate ' || m.typcollation::regcollation end,
           'default ' || m.typdefault,
           case when m.typnotnull then 'not null' end,
           (select string_agg(format('constraint %I %s', conname, regexp_replace(pg_get_constraintdef(con.oid), ' NOT VALID$', '')), ' '
                              order by conname)
              from pg_constraint con where con.contypid = m.oid and con.contype = 'c'))
         when 'c' then
           (select format('as (%s)', string_agg(
                     concat_ws(' ', quote_ident(a.attname), format_type(a.atttypid, a.atttypmod),
                               case when a.attcollation not in (0, t.typcollation) then 'collate ' || a.attcollation::regcollation end),
                     ', ' order by a.attnum))
              from pg_attribute a
              join pg_type t on t.oid = a.atttypid
             where a.attrelid = m.typrelid and a.attnum > 0 and not a.attisdropped)
         else
           (select format('as range (%s)', concat_ws(', ',
                     'subtype = ' || format_type(r.rngsubtype, null),
                     (select 'subtype_opclass = ' || quote_ident(opcname) from pg_opclass
                       where oid = r.rngsubopc and not opcdefault),
                     case when r.rngcollation not in (0, sub.typcollation) then 'collation = ' || r.rngcollation::regcollation end,
                     case when r.rngsubdiff <> 0 then 'subtype_diff = ' || r.rngsubdiff::regproc end,
                     'multirange_type_name = ' || quote_ident(multi.typname)))
              from pg_range r
              join pg_type sub on sub.oid = r.rngsubtype
              join pg_type multi on multi.oid = r.rngmultitypid
             where r.rngtypid = m.oid)
       end as definition,
       obj_description(m.oid, 'pg_type') as comment,
       coalesce((select array_agg(distinct other.typname::text)
                   from part
                   join pg_type t on t.oid = part.part
                   join made other on other.oid in (t.oid, t.typelem)
                  where part.oid = m.oid), '{}') as needs
  from made m
  left join pg_type base on base.oid = m.typbasetype
 order by m.oid
