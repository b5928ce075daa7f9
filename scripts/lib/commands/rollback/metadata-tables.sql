-- Tables whose rows can say which run made them.
select c.oid::text as oid, c.oid::regclass::text as name
  from pg_class c
  join pg_attribute made on made.attrelid = c.oid and made.attname = 'metadata' and made.atttypid = 'jsonb'::regtype
  join pg_attribute id   on id.attrelid = c.oid   and id.attname = 'id'         and not id.attisdropped
 where c.relkind in ('r', 'p')
   and c.relnamespace = quote_ident(current_schema())::regnamespace
