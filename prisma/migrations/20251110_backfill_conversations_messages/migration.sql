-- Batch 4. An audit makes at most one message, whoever writes it: the database guarantees it, not the script.
create unique index if not exists "Message_audit_id_key"
    on "Message" ((metadata ->> 'auditId'))
 where metadata ? 'auditId';
