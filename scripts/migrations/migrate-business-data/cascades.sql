-- Foreign keys by which a row that is deleted from one of the tables $1 takes rows along, or changes them, in tables that are
-- neither among these nor among $2.
select format('%s of %s', key.conname, key.conrelid::regclass) as name
  from pg_constraint key
 where key.contype = 'f'
   and key.confdeltype in ('c', 'n', 'd')
   and key.conparentid = 0
   and key.confrelid = any ($1::regclass[])
   and not key.conrelid = any ($1::regclass[] || $2::regclass[])
 order by name
