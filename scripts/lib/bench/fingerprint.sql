-- What a backfill has written, without what may differ from one to another: ids, and who wrote it.
select (select count(*)::int from "Conversation") as conversations,
       (select sum(hashtextextended(concat_ws(E'\x1f', lead_id, channel, external_id, started_at, last_message_at), 0)::numeric)
          from "Conversation") as conversations_hash,
       (select count(*)::int from "Message") as messages,
       (select sum(hashtextextended(concat_ws(E'\x1f', m.metadata ->> 'auditId', m.role, m.content, m.created_at, c.lead_id), 0)::numeric)
          from "Message" m
          join "Conversation" c on c.id = m.conversation_id) as messages_hash
