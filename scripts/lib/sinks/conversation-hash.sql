-- What a rollback knows a conversation `c` by: as a whole where this run made it, else by what was changed.
md5(case
      when made_now
        then jsonb_build_array(c.lead_id, c.customer_id, c.channel, c.external_id, c.store_id, c.channel_account, c.status, c.tag,
                               c.tagged_at, c.started_at, c.closed_at, c.metadata)
      else jsonb_build_array(c.customer_id, c.channel_account, c.started_at, c.created_at, c.last_message_at,
                             c.last_message_preview, c.metadata)
    end::text)
