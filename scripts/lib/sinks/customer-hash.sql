-- What a rollback knows a customer `c` by: as a whole where this run made it, else by what was changed.
md5(case
      when made_now then jsonb_build_array(c.name, c.phone, c.email, c.metadata)
      else jsonb_build_array(c.name, c.created_at)
    end::text)
