-- Customers, conversations, messages, memory notes, the other tables of the suite, and its functions.
--
-- Every statement makes only what is missing, so that the file also fits a CRM, or an earlier tool, that has some of it.
-- A table therefore begins as its key alone, and each further column stands once, in `add column if not exists`.
-- What the file made, and did not find, carries the comment 'crm-migrations: made by 20251107_create_schema':
-- rollback.sql drops only that. It needs no transaction of its own: whoever sends the file sends it as one.

-- 1. What is here already. Read again at the end, in section 8.
select set_config('crm_migrations.found', coalesce((
  select jsonb_agg(identity)::text
    from (select 'class:' || oid as identity
            from pg_class
           where relnamespace = quote_ident(current_schema())::regnamespace
          union all
          select 'type:' || oid
            from pg_type
           where typnamespace = quote_ident(current_schema())::regnamespace
          union all
          select 'function:' || oid
            from pg_proc
           where pronamespace = quote_ident(current_schema())::regnamespace
          union all
          select 'constraint:' || oid
            from pg_constraint
           where connamespace = quote_ident(current_schema())::regnamespace
          union all
          select 'column:' || attrelid || '.' || attnum
            from pg_attribute
            join pg_class on pg_class.oid = attrelid
           where relnamespace = quote_ident(current_schema())::regnamespace
             and attnum > 0
             and not attisdropped) found), '[]'), false);

-- 2. Enum types.
do $$
begin
  if not exists (select from pg_type where typname = 'MessageRole' and typnamespace = quote_ident(current_schema())::regnamespace) then
    create type "MessageRole" as enum ('user', 'assistant', 'system', 'tool');
  end if;
  if not exists (select from pg_type where typname = 'BookingStatus' and typnamespace = quote_ident(current_schema())::regnamespace) then
    create type "BookingStatus" as enum ('planned', 'active', 'completed', 'cancelled');
  end if;
end $$;

-- 3. The CRM's own tables: what a CRM that was here first may lack.
alter table "Lead"
  add column if not exists customer_id    uuid,
  add column if not exists name           text,
  add column if not exists messenger_psid text,
  add column if not exists phone          text,
  add column if not exists email          text,
  add column if not exists stage          text           not null default 'new',
  add column if not exists state_metadata jsonb,
  add column if not exists created_at     timestamptz(6) not null default now(),
  add column if not exists updated_at     timestamptz(6) not null default now();

alter table "Job"
  add column if not exists lead_id      uuid,
  add column if not exists customer_id  uuid,
  add column if not exists status       text           not null default 'new',
  add column if not exists window_start timestamptz(6),
  add column if not exists window_end   timestamptz(6),
  add column if not exists created_at   timestamptz(6) not null default now(),
  add column if not exists updated_at   timestamptz(6) not null default now();

alter table "Audit"
  add column if not exists lead_id    uuid,
  add column if not exists payload    jsonb          not null default '{}',
  add column if not exists created_at timestamptz(6) not null default now();

-- 4. Customers, conversations, messages.
create table if not exists "Customer" (
  id uuid not null default gen_random_uuid(),
  constraint "Customer_pkey" primary key (id)
);
alter table "Customer"
  add column if not exists name       text,
  add column if not exists phone      text,
  add column if not exists email      text,
  add column if not exists metadata   jsonb,
  add column if not exists created_at timestamptz(6) not null default now(),
  add column if not exists updated_at timestamptz(6) not null default now();

create table if not exists stores (
  id text not null,
  constraint stores_pkey primary key (id)
);
alter table stores
  add column if not exists name            text    not null,
  add column if not exists owner_id        text,
  add column if not exists api_token       text,
  add column if not exists chat_api_token  text,
  add column if not exists chat_cursor     text,
  add column if not exists chat_tag_counts jsonb,
  add column if not exists total_chats     integer not null default 0,
  add column if not exists next_request_at timestamptz(6);

create table if not exists "Conversation" (
  id uuid not null default gen_random_uuid(),
  constraint "Conversation_pkey" primary key (id)
);
alter table "Conversation"
  add column if not exists lead_id              uuid,
  add column if not exists customer_id          uuid,
  add column if not exists channel              "Channel"      not null,
  add column if not exists external_id          text,
  add column if not exists store_id             text,
  add column if not exists channel_account      text,
  add column if not exists status               text           not null default 'active',
  add column if not exists last_message_preview text,
  add column if not exists tag                  text,
  add column if not exists tagged_at            timestamptz(6),
  add column if not exists started_at           timestamptz(6) not null default now(),
  add column if not exists last_message_at      timestamptz(6),
  add column if not exists closed_at            timestamptz(6),
  add column if not exists metadata             jsonb,
  add column if not exists created_at           timestamptz(6) not null default now(),
  add column if not exists updated_at           timestamptz(6) not null default now();

create table if not exists bookings (
  id uuid not null default gen_random_uuid(),
  constraint bookings_pkey primary key (id)
);
alter table bookings
  add column if not exists customer_id uuid,
  add column if not exists status      "BookingStatus" not null default 'planned',
  add column if not exists start_at    timestamptz(6)  not null,
  add column if not exists end_at      timestamptz(6)  not null,
  add column if not exists metadata    jsonb,
  add column if not exists created_at  timestamptz(6)  not null default now(),
  add column if not exists updated_at  timestamptz(6)  not null default now();

create table if not exists "Message" (
  id uuid not null default gen_random_uuid(),
  constraint "Message_pkey" primary key (id)
);
alter table "Message"
  add column if not exists conversation_id uuid           not null,
  add column if not exists role            "MessageRole"  not null,
  add column if not exists content         text           not null,
  add column if not exists booking_id      uuid,
  add column if not exists metadata        jsonb,
  add column if not exists created_at      timestamptz(6) not null default now();

create table if not exists "MemoryNote" (
  id uuid not null default gen_random_uuid(),
  constraint "MemoryNote_pkey" primary key (id)
);
alter table "MemoryNote"
  add column if not exists customer_id     uuid,
  add column if not exists conversation_id uuid,
  add column if not exists content         text           not null,
  add column if not exists metadata        jsonb,
  add column if not exists expires_at      timestamptz(6),
  add column if not exists created_at      timestamptz(6) not null default now(),
  add column if not exists updated_at      timestamptz(6) not null default now();

create table if not exists external_refs (
  id uuid not null default gen_random_uuid(),
  constraint external_refs_pkey primary key (id)
);
alter table external_refs
  add column if not exists entity_type text not null,
  add column if not exists entity_id   uuid not null,
  add column if not exists system      text not null,
  add column if not exists external_id text not null;

create table if not exists sync_logs (
  id serial not null,
  constraint sync_logs_pkey primary key (id)
);
alter table sync_logs
  add column if not exists store_id         text,
  add column if not exists sync_type        text           not null,
  add column if not exists status           text           not null default 'running',
  add column if not exists chats_total      integer        not null default 0,
  add column if not exists chats_synced     integer        not null default 0,
  add column if not exists messages_added   integer        not null default 0,
  add column if not exists chats_classified integer        not null default 0,
  add column if not exists error_message    text,
  add column if not exists started_at       timestamptz(6) not null default now(),
  add column if not exists completed_at     timestamptz(6);

-- 5. The suite's bookkeeping.
create table if not exists migration_runs (
  id bigserial not null,
  constraint migration_runs_pkey primary key (id)
);
alter table migration_runs
  add column if not exists batch        integer        not null,
  add column if not exists script       text           not null,
  add column if not exists mode         text           not null,
  add column if not exists status       text           not null,
  add column if not exists options      jsonb          not null default '{}',
  add column if not exists stats        jsonb          not null default '{}',
  add column if not exists progress     jsonb,
  add column if not exists host         text           not null,
  add column if not exists pid          integer        not null,
  add column if not exists started_at   timestamptz(6) not null default now(),
  add column if not exists heartbeat_at timestamptz(6) not null default now(),
  add column if not exists finished_at  timestamptz(6),
  add column if not exists error        text;

create table if not exists migration_checkpoints (
  script    text not null,
  partition text not null,
  constraint migration_checkpoints_pkey primary key (script, partition)
);
alter table migration_checkpoints
  add column if not exists cursor     jsonb          not null,
  add column if not exists run_id     bigint         not null,
  add column if not exists updated_at timestamptz(6) not null default now();

create table if not exists migration_errors (
  id bigserial not null,
  constraint migration_errors_pkey primary key (id)
);
alter table migration_errors
  add column if not exists run_id      bigint         not null,
  add column if not exists script      text           not null,
  add column if not exists item_key    text           not null,
  add column if not exists code        text           not null,
  add column if not exists message     text           not null,
  add column if not exists created_at  timestamptz(6) not null default now(),
  add column if not exists resolved_at timestamptz(6);

create table if not exists migration_effects (
  id bigserial not null,
  constraint migration_effects_pkey primary key (id)
);
alter table migration_effects
  add column if not exists run_id     bigint         not null,
  add column if not exists table_name text           not null,
  add column if not exists row_id     text           not null,
  add column if not exists action     text           not null,
  add column if not exists before     jsonb,
  add column if not exists hash       text,
  add column if not exists created_at timestamptz(6) not null default now();

-- 6. Indexes and foreign keys. Texts that come from outside are hashed: a btree refuses keys of more than 2,704 bytes.
create index if not exists "Lead_customer_id_idx"               on "Lead" (customer_id);
create index if not exists "Job_lead_id_idx"                    on "Job" (lead_id);
create index if not exists "Job_customer_id_idx"                on "Job" (customer_id);
create index if not exists "Audit_lead_id_created_at_id_idx"    on "Audit" (lead_id, created_at, id);
create index if not exists "Customer_phone_idx"                 on "Customer" using hash (phone);
create index if not exists "Customer_email_idx"                 on "Customer" using hash (email);
create index if not exists "Conversation_lead_id_idx"           on "Conversation" (lead_id);
create index if not exists "Conversation_customer_id_idx"       on "Conversation" (customer_id);
create index if not exists "Conversation_store_id_idx"          on "Conversation" (store_id);
create index if not exists "Conversation_channel_idx"           on "Conversation" (channel);
create index if not exists "Conversation_external_id_idx"       on "Conversation" using hash (external_id);
create index if not exists "Message_conversation_id_created_at_idx" on "Message" (conversation_id, created_at);
create index if not exists "Message_booking_id_idx"             on "Message" (booking_id);
create index if not exists "MemoryNote_customer_id_idx"         on "MemoryNote" (customer_id);
create index if not exists "MemoryNote_conversation_id_idx"     on "MemoryNote" (conversation_id);
create index if not exists bookings_customer_id_start_at_idx    on bookings (customer_id, start_at);
create index if not exists sync_logs_store_id_idx               on sync_logs (store_id);
create index if not exists migration_runs_script_idx            on migration_runs (script);
create index if not exists migration_errors_script_item_key_idx on migration_errors (script, item_key);

create unique index if not exists external_refs_system_entity_type_external_id_key
    on external_refs (system, entity_type, external_id);
create unique index if not exists migration_effects_run_id_table_name_row_id_key
    on migration_effects (run_id, table_name, row_id);
-- An item stands in the quarantine only once while it is unresolved.
create unique index if not exists migration_errors_open_key
    on migration_errors (script, item_key) where resolved_at is null;

-- An equal foreign key under another name is taken as it is.
do $$
declare
  wanted record;
begin
  for wanted in
    select *
      from (values ('Lead',         'customer_id',     'Customer',     'set null'),
                   ('Job',          'lead_id',         'Lead',         'set null'),
                   ('Job',          'customer_id',     'Customer',     'set null'),
                   ('Conversation', 'lead_id',         'Lead',         'set null'),
                   ('Conversation', 'customer_id',     'Customer',     'set null'),
                   ('Conversation', 'store_id',        'stores',       'set null'),
                   ('Message',      'conversation_id', 'Conversation', 'cascade'),
                   ('Message',      'booking_id',      'bookings',     'set null'),
                   ('MemoryNote',   'customer_id',     'Customer',     'set null'),
                   ('MemoryNote',   'conversation_id', 'Conversation', 'set null'),
                   ('bookings',     'customer_id',     'Customer',     'set null'),
                   ('sync_logs',    'store_id',        'stores',       'set null')
           ) as foreign_key (child, child_column, parent, on_delete)
     where not exists (
             select
               from pg_constraint
               join pg_attribute on attrelid = conrelid and array[attnum] = conkey
              where contype = 'f'
                and conrelid = quote_ident(child)::regclass
                and confrelid = quote_ident(parent)::regclass
                and attname = child_column)
  loop
    execute format('alter table %I add constraint %I foreign key (%I) references %I (id) on delete %s on update cascade',
                   wanted.child, wanted.child || '_' || wanted.child_column || '_fkey', wanted.child_column,
                   wanted.parent, wanted.on_delete);
  end loop;
end $$;

-- 7. Functions. Indexes are built on some of them, and are restored with an empty search_path: so none of them calls
-- another from a body that is only text (a `return` body is bound to what it calls when it is made).

-- The one rule for the id of an imported row: UUID version 8 from the first 16 bytes of sha256 over source, the byte 31,
-- source key.
create or replace function crm_uuid(source text, source_key text) returns uuid
language plpgsql immutable strict parallel safe
as $$
declare
  digest bytea := substring(sha256(convert_to(source || chr(31) || source_key, 'UTF8')) for 16);
begin
  return encode(set_byte(set_byte(digest, 6, (get_byte(digest, 6) & 15) | 128), 8, (get_byte(digest, 8) & 63) | 128), 'hex')::uuid;
end $$;

-- Without white space at both ends (space, tab, CR, LF, FF, VT); null when nothing is left.
create or replace function crm_trim(value text) returns text
language sql immutable strict parallel safe
return nullif(btrim(value, E' \t\r\n\f\x0B'), '');

-- The digits of a phone number; null when they are fewer than 10.
create or replace function crm_phone(value text) returns text
language sql immutable strict parallel safe
return substring(regexp_replace(value, '[^0-9]', '', 'g') from '^[0-9]{10,}$');

-- An e-mail address, trimmed and in lower case; null without an @.
create or replace function crm_email(value text) returns text
language sql immutable strict parallel safe
return case when strpos(value, '@') > 0 then lower(crm_trim(value)) end;

-- What groups leads into one customer: the first of messenger_psid (as it stands), phone, e-mail, or the lead alone.
create or replace function crm_lead_key(messenger_psid text, phone text, email text, id uuid) returns text
language sql immutable parallel safe
return case
         when crm_trim(messenger_psid) is not null then 'psid:' || messenger_psid
         else coalesce('phone:' || crm_phone(phone), 'email:' || crm_email(email), 'none:' || id::text)
       end;

-- Which kind of key that is: 1 psid, 2 phone, 3 e-mail, 4 none.
create or replace function crm_lead_pass(messenger_psid text, phone text, email text) returns integer
language sql immutable parallel safe
return case
         when crm_trim(messenger_psid) is not null then 1
         when crm_phone(phone)         is not null then 2
         when crm_email(email)         is not null then 3
         else 4
       end;

-- The text of an audit, or null when it has none. The first of text, message, content (and body, for messages sent and
-- received) that is a string and not blank; a payload that is a string itself; else the payload as compact JSON, cut to
-- 1,000 characters. The first 2,100 characters of jsonb's own text are enough for that: each blank that goes follows a
-- `:` or `,` and at least one character of a value or key. Strings are matched whole, so that their blanks stay.
create or replace function crm_audit_text(action text, payload jsonb) returns text
language plpgsql immutable parallel safe
as $$
declare
  white_space constant text := E' \t\r\n\f\x0B';
  key   text;
  found text;
begin
  if jsonb_typeof(payload) = 'string' then
    return nullif(btrim(payload #>> '{}', white_space), '');
  end if;
  foreach key in array case when action in ('message_sent', 'message_received')
                            then array['text', 'message', 'content', 'body']
                            else array['text', 'message', 'content'] end
  loop
    if jsonb_typeof(payload -> key) = 'string' then
      found := nullif(btrim(payload ->> key, white_space), '');
      if found is not null then
        return found;
      end if;
    end if;
  end loop;
  if payload is null or payload in ('null', '{}', '[]') then
    return null;
  end if;
  found := regexp_replace(left(payload::text, 2100), '("(?:[^"\\]|\\.)*"?)|([:,]) ', '\1\2', 'g');
  return case when length(found) > 1000 then left(found, 997) || '...' else found end;
end $$;

-- The Wildberries messages under their source's names.
do $$
begin
  if to_regclass('chat_messages') is null then
    create view chat_messages as
      select message.id,
             conversation.external_id as chat_id,
             conversation.store_id,
             stores.owner_id,
             message.content as text,
             coalesce(message.metadata ->> 'sender',
                      case message.role when 'user' then 'client' when 'assistant' then 'seller' else message.role::text end
                     ) as sender,
             message.created_at as "timestamp"
        from "Message" message
        join "Conversation" conversation on conversation.id = message.conversation_id
        left join stores on stores.id = conversation.store_id
       where message.metadata ->> 'source' = 'wildberries_sync';
  end if;
end $$;

-- 8. The comment on all that is new since section 1. Parts of a new table go with it, and need none.
do $$
declare
  made constant text  := 'crm-migrations: made by 20251107_create_schema';
  found constant jsonb := current_setting('crm_migrations.found')::jsonb;
  tables constant text[] := array[
    'Lead', 'Job', 'Audit', 'Customer', 'Conversation', 'Message', 'MemoryNote', 'bookings', 'external_refs', 'stores',
    'sync_logs', 'migration_runs', 'migration_checkpoints', 'migration_errors', 'migration_effects'];
  statement text;
begin
  for statement in
    with ours as (
      select oid, relname, found ? ('class:' || oid) as was_here,
             found ? ('class:' || oid) and obj_description(oid, 'pg_class') is distinct from made as is_theirs
        from pg_class
       where relnamespace = quote_ident(current_schema())::regnamespace
         and relkind in ('r', 'p')
         and relname = any (tables))
    select format('table %I', relname)
      from ours
     where not was_here
    union all
    select format('column %I.%I', relname, attname)
      from ours
      join pg_attribute on attrelid = ours.oid
     where is_theirs
       and attnum > 0
       and not attisdropped
       and not found ? ('column:' || ours.oid || '.' || attnum)
    union all
    select format('index %s', indexrelid::regclass)
      from ours
      join pg_index on indrelid = ours.oid
     where is_theirs
       and not found ? ('class:' || indexrelid)
    union all
    select format('constraint %I on %I', conname, relname)
      from ours
      join pg_constraint on conrelid = ours.oid
     where is_theirs
       and contype = 'f'
       and not found ? ('constraint:' || pg_constraint.oid)
    union all
    select format('view %I', relname)
      from pg_class
     where relnamespace = quote_ident(current_schema())::regnamespace
       and relname = 'chat_messages'
       and not found ? ('class:' || oid)
    union all
    select format('type %I', typname)
      from pg_type
     where typnamespace = quote_ident(current_schema())::regnamespace
       and typname in ('MessageRole', 'BookingStatus')
       and not found ? ('type:' || oid)
    union all
    select format('function %s', oid::regprocedure)
      from pg_proc
     where pronamespace = quote_ident(current_schema())::regnamespace
       and proname in ('crm_uuid', 'crm_trim', 'crm_phone', 'crm_email', 'crm_lead_key', 'crm_lead_pass', 'crm_audit_text')
       and not found ? ('function:' || oid)
  loop
    execute format('comment on %s is %L', statement, made);
  end loop;
end $$;
