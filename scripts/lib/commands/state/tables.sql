-- Which of the journal's tables are here, and whether this role may read them.
select name,
       to_regclass(quote_ident(name)) is not null                                             as here,
       coalesce(has_table_privilege(to_regclass(quote_ident(name)), 'select'), false) as readable
  from unnest($1::text[]) name
