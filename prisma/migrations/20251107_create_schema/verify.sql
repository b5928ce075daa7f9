\set ON_ERROR_STOP on
-- Verifies batch 1, create-schema. Each check selects what is wrong; no rows are good. The last statement raises when a
-- check of the kind `failure` found something. Usage: psql "$DATABASE_URL" -f verify.sql. Only reads.
select set_config('verify.failed', '', false) as "checks that failed so far";

-- check: tables and columns are there, with their types (failure)
with expected_table (table_name, columns) as (
  values
    ('Lead',
     'id uuid, channel "Channel", name text, messenger_psid text, phone text, email text,'
     ' stage text, state_metadata jsonb, created_at timestamptz, updated_at timestamptz,'
     ' customer_id uuid'),
    ('Job',
     'id uuid, lead_id uuid, status text, window_start timestamptz, window_end timestamptz,'
     ' created_at timestamptz, updated_at timestamptz, customer_id uuid'),
    ('Audit',
     'id uuid, lead_id uuid, actor text, action text, payload jsonb, created_at timestamptz'),
    ('Customer',
     'id uuid, name text, phone text, email text, metadata jsonb, created_at timestamptz,'
     ' updated_at timestamptz'),
    ('Conversation',
     'id uuid, lead_id uuid, customer_id uuid, channel "Channel", external_id text,'
     ' store_id text, channel_account text, status text, last_message_preview text, tag text,'
     ' tagged_at timestamptz, started_at timestamptz, last_message_at timestamptz,'
     ' closed_at timestamptz, metadata jsonb, created_at timestamptz, updated_at timestamptz'),
    ('Message',
     'id uuid, conversation_id uuid, role "MessageRole", content text, booking_id uuid,'
     ' metadata jsonb, created_at timestamptz'),
    ('MemoryNote',
     'id uuid, customer_id uuid, conversation_id uuid, content text, metadata jsonb,'
     ' expires_at timestamptz, created_at timestamptz, updated_at timestamptz'),
    ('bookings',
     'id uuid, customer_id uuid, status "BookingStatus", start_at timestamptz,'
     ' end_at timestamptz, metadata jsonb, created_at timestamptz, updated_at timestamptz'),
    ('external_refs',
     'id uuid, entity_type text, entity_id uuid, system text, external_id text'),
    ('stores',
     'id text, name text, owner_id text, api_token text, chat_api_token text,'
     ' chat_cursor text, chat_tag_counts jsonb, total_chats integer,'
     ' next_request_at timestamptz'),
    ('sync_logs',
     'id integer, store_id text, sync_type text, status text, chats_total integer,'
     ' chats_synced integer, messages_added integer, chats_classified integer,'
     ' error_message text, started_at timestamptz, completed_at timestamptz'),
    ('migration_runs',
     'id bigint, batch integer, script text, mode text, status text, options jsonb,'
     ' stats jsonb, progress jsonb, host text, pid integer, started_at timestamptz, heartbeat_at timestamptz,'
     ' finished_at timestamptz, error text'),
    ('migration_checkpoints',
     'script text, partition text, cursor jsonb, run_id bigint, updated_at timestamptz'),
    ('migration_errors',
     'id bigint, run_id bigint, script text, item_key text, code text, message text,'
     ' created_at timestamptz, resolved_at timestamptz'),
    ('migration_effects',
     'id bigint, run_id bigint, table_name text, row_id text, action text, before jsonb,'
     ' hash text, created_at timestamptz')
), expected as (
  select table_name,
         split_part(trim(item), ' ', 1) as column_name,
         replace(substr(trim(item), strpos(trim(item), ' ') + 1), 'timestamptz', 'timestamp with time zone') as data_type
    from expected_table, string_to_table(columns, ',') as item
), actual as (
  select relname::text as table_name,
         attname::text as column_name,
         format_type(atttypid, case when atttypid = 'timestamptz'::regtype then null else atttypmod end) as data_type
    from pg_class
    join pg_attribute on attrelid = pg_class.oid and attnum > 0 and not attisdropped
   where relnamespace = quote_ident(current_schema())::regnamespace
     and relkind = 'r'
)
select expected.*, actual.data_type as found, set_config('verify.failed', 'columns', false) as "check"
  from expected
  left join actual using (table_name, column_name)
 where actual.data_type is distinct from expected.data_type
   -- A text that --baseline found may be limited, or without regard to case, where it is only read.
   and (expected.data_type = 'text'
        and (actual.data_type = 'character varying'
             or table_name in ('Lead', 'Job')
            and (actual.data_type like 'character varying(%' or actual.data_type = 'citext'))) is not true;

-- check: enum types have their labels (failure)
with expected (type_name, labels) as (
  values
    ('Channel', array['messenger', 'sms', 'whatsapp', 'telegram', 'instagram', 'email', 'webchat', 'freshchat', 'wildberries', 'other']),
    ('MessageRole', array['user', 'assistant', 'system', 'tool']),
    ('BookingStatus', array['planned', 'active', 'completed', 'cancelled'])
)
select type_name, label, set_config('verify.failed', 'labels', false) as "check"
  from expected, unnest(labels) as label
 where not exists (
         select
           from pg_enum
           join pg_type on pg_type.oid = enumtypid
          where typnamespace = quote_ident(current_schema())::regnamespace
            and typname = type_name
            and enumlabel = label);

-- check: indexes are there, and valid (failure)
with expected (table_name, index_name) as (
  values
    ('Lead', 'Lead_customer_id_idx'),
    ('Job', 'Job_customer_id_idx'),
    ('Job', 'Job_lead_id_idx'),
    ('Audit', 'Audit_lead_id_created_at_id_idx'),
    ('Customer', 'Customer_email_idx'),
    ('Customer', 'Customer_phone_idx'),
    ('Conversation', 'Conversation_channel_idx'),
    ('Conversation', 'Conversation_customer_id_idx'),
    ('Conversation', 'Conversation_external_id_idx'),
    ('Conversation', 'Conversation_lead_id_idx'),
    ('Conversation', 'Conversation_store_id_idx'),
    ('Message', 'Message_booking_id_idx'),
    ('Message', 'Message_conversation_id_created_at_idx'),
    ('MemoryNote', 'MemoryNote_conversation_id_idx'),
    ('MemoryNote', 'MemoryNote_customer_id_idx'),
    ('bookings', 'bookings_customer_id_start_at_idx'),
    ('external_refs', 'external_refs_system_entity_type_external_id_key'),
    ('sync_logs', 'sync_logs_store_id_idx'),
    ('migration_runs', 'migration_runs_script_idx'),
    ('migration_errors', 'migration_errors_open_key'),
    ('migration_errors', 'migration_errors_script_item_key_idx'),
    ('migration_effects', 'migration_effects_run_id_table_name_row_id_key')
)
select expected.*, coalesce('invalid ' || pg_get_indexdef(indexrelid), 'missing') as found,
       set_config('verify.failed', 'indexes', false) as "check"
  from expected
  left join pg_class indexed on indexed.relname = index_name
                            and indexed.relnamespace = quote_ident(current_schema())::regnamespace
  left join pg_index on indexrelid = indexed.oid
                    and indrelid = to_regclass(quote_ident(table_name))
 where indisvalid is not true;

-- check: foreign keys are there, and validated (failure)
with expected (table_name, column_name, parent) as (
  values
    ('Lead', 'customer_id', 'Customer'),
    ('Job', 'customer_id', 'Customer'),
    ('Job', 'lead_id', 'Lead'),
    ('Conversation', 'customer_id', 'Customer'),
    ('Conversation', 'lead_id', 'Lead'),
    ('Conversation', 'store_id', 'stores'),
    ('Message', 'booking_id', 'bookings'),
    ('Message', 'conversation_id', 'Conversation'),
    ('MemoryNote', 'conversation_id', 'Conversation'),
    ('MemoryNote', 'customer_id', 'Customer'),
    ('bookings', 'customer_id', 'Customer'),
    ('sync_logs', 'store_id', 'stores')
)
select expected.*, case when conname is null then 'missing' else 'not validated: ' || conname end as found,
       set_config('verify.failed', 'foreign keys', false) as "check"
  from expected
  left join pg_attribute on attrelid = to_regclass(quote_ident(table_name))
                        and attname = column_name
  left join pg_constraint on contype = 'f'
                         and conrelid = attrelid
                         and confrelid = to_regclass(quote_ident(parent))
                         and conkey = array[attnum]
 where convalidated is not true;

-- check: functions and the view are there (failure)
with expected (signature) as (
  values ('crm_audit_text(text, jsonb)'), ('crm_email(text)'), ('crm_lead_key(text, text, text, uuid)'),
         ('crm_lead_pass(text, text, text)'), ('crm_phone(text)'), ('crm_trim(text)'), ('crm_uuid(text, text)')
), missing as (
  select signature as name
    from expected
   where to_regprocedure(signature) is null
  union all
  select 'chat_messages'
   where to_regclass('chat_messages') is null
)
select name, 'missing' as found, set_config('verify.failed', 'functions', false) as "check"
  from missing;

-- check: leads and audits have a time, without which no batch comes to them (failure)
with timeless as (
  select 'Lead' as table_name, id::text as row_id from "Lead" where created_at is null
  union all
  select 'Audit', id::text from "Audit" where created_at is null
)
select table_name, row_id, set_config('verify.failed', 'times', false) as "check"
  from timeless;

do $$
begin
  if current_setting('verify.failed') <> '' then
    raise exception 'batch 1 does not hold: see the rows above (last: %)', current_setting('verify.failed');
  end if;
end $$;
