-- Whether the customer c was there before this pass of the chain began.
not coalesce(c.metadata ->> 'source' = 'lead_backfill'
             and c.metadata ->> 'groupType' = (array['psid', 'phone', 'email', 'none'])[$1]
             and c.metadata -> 'runId' >= to_jsonb($4::bigint), false)
