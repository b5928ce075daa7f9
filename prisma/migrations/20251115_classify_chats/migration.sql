-- Batch 9. It needs nothing of its own: a conversation has its tag, and what was read for it, in its own row.
select 1;
