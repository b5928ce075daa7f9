exists (select from unnest(:stretches) ahead (pass, after, until)
                     where pass = :pass and :id > after and :id <= until)
