-- The columns of tables $1, in their order.
select a.attrelid::text as "table",
       a.attname as name,
       format_type(a.atttypid, a.atttypmod) as type,
       case element.typtype
         when 'e' then 'enum'
         when 'd' then 'domain'
         when 'c' then 'composite'
         when 'r' then 'range'
         when 'm' then 'range'
         else 'base'
       end as kind,
       t.typelem <> 0 and t.typcategory = 'A' as "isArray",
       (with recursive base as (
          select t.oid, t.typbasetype
          union all
          select next.oid, next.typbasetype
            from base
            join pg_type next on next.oid = base.typbasetype
        )
        select case base.oid when 'json'::regtype then 'json' when 'jsonb'::regtype then 'jsonb' end
          from base
         where base.typbasetype = 0) as json,
       a.attnotnull as "notNull",
       case when a.attgenerated = '' then pg_get_expr(d.adbin, d.adrelid) end as "default",
       case a.attidentity when 'a' then 'always' when 'd' then 'by default' end as identity,
       case when a.attgenerated <> '' then pg_get_expr(d.adbin, d.adrelid) end as generated,
       case when a.attcollation not in (0, t.typcollation) then a.attcollation::regcollation::text end as collation,
       col_description(a.attrelid, a.attnum) as comment
  from pg_attribute a
  join pg_type t on t.oid = a.atttypid
  join pg_type element on element.oid = case when t.typelem <> 0 and t.typcategory = 'A' then t.typelem else t.oid end
  left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
 where a.attrelid = any ($1::oid[])
   and a.attnum > 0
   and not a.attisdropped
 order by a.attrelid, a.attnum
