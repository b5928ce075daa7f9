-- Counts what a page would become.
with recursive :page
select :counts
  from candidate
