count(*)::int as fetched,
       count(*) filter (where outcome = 'create')::int as created,
       count(*) filter (where outcome = 'update')::int as updated,
       count(*) filter (where outcome = 'unchanged')::int as unchanged,
       count(*) filter (where outcome = 'no_customer')::int as no_customer,
       count(*) filter (where outcome = 'not_an_object')::int as not_an_object,
       count(*) filter (where outcome = 'empty')::int as empty,
       count(*) filter (where outcome = 'secret')::int as secret,
       count(*) filter (where outcome = 'edited')::int as edited,
       count(*) filter (where outcome = 'quarantined')::int as quarantined,
       (select count(distinct lead_id)::int from item) -- the lead that the page before ended in was counted with it
         - (exists (select from item where lead_id = $1::uuid)
            and exists (select from state where lead_id = $1::uuid and place <= $2))::int as leads,
       case when $8 then (select json_agg(json_build_array(lead_id, left(case when outcome <> 'secret' then key end, 60), outcome)
                                          order by lead_id, place)
                            from candidate) end as lines
