-- Metadata `b` once it says how much of the conversation is stored, and which booking it is about. A page that stores no message
-- leaves a whole conversation whole; what was not whole before does not become so while more pages follow.
case s.coverage
  when 'complete' then b.metadata - array['partial', 'window']
  when 'partial'  then b.metadata - 'window' || jsonb_build_object('partial', s.reason)
  when 'window'   then case when b.metadata ->> 'partial' = 'unfinished' then b.metadata - 'partial' else b.metadata end
                       || jsonb_build_object('window', s.reason)
  when 'unfinished'
    then case when b.grows and not b.metadata ? 'partial' then '{"partial": "unfinished"}'::jsonb || b.metadata else b.metadata end
  else b.metadata
end || case when s.booking_id is null then '{}' else jsonb_build_object('bookingId', s.booking_id) end
