-- Where the operators are that order the primary keys of schema $1; those of PostgreSQL itself are found anyway.
select coalesce(string_agg(distinct quote_ident(n.nspname), ', '), '') as path
  from pg_index i
  join pg_class t on t.oid = i.indrelid and t.relnamespace = (select oid from pg_namespace where nspname = $1)
 cross join lateral unnest(i.indclass::oid[]) as class (oid)
  join pg_opclass c on c.oid = class.oid
  join pg_amop o on o.amopfamily = c.opcfamily
  join pg_operator p on p.oid = o.amopopr
  join pg_namespace n on n.oid = p.oprnamespace
 where i.indisprimary
   and n.nspname <> 'pg_catalog'
