/** The CRM whose audit log batch 4 works off while it is disturbed. The same seed makes the same rows, ids and all. */
import type { Asked } from "../helpers/crm.ts";
import { makeIds } from "./ids.ts";

/** Pages of so many audits: some 40 of them. */
export const CHUNK = 20;
const LEADS = 24;
const AUDITS_EACH = 30;
/** Audits that arrive while the run is at work. */
const LATE = 60;
/** Of 32 letters each: more than the search index takes of one text. */
const WORDS = 40_000;

/** Leads with their audits, hostile ones among them, what earlier tools left, and audits that are still to arrive. */
export async function addConversationsCrm(db: Asked, seed: number): Promise<void> {
  await makeIds(db, seed);
  await addLeads(db);
  await addAudits(db);
  await addBadAudits(db);
  await addEarlierWork(db);
  await arrangeLateAudits(db);
}

const addLeads = (db: Asked) =>
  db.query(
    `with customer as (
       insert into "Customer" (id, name, created_at, updated_at)
       select id_of('customer', n), 'Customer ' || n, timestamptz '2024-12-01', timestamptz '2024-12-01'
         from generate_series(1, 5) n)
     insert into "Lead" (id, channel, name, phone, customer_id, created_at, updated_at)
     select id_of('lead', n), 'sms', 'Lead ' || n, '+1555000' || n,
            case when n <= 5 then id_of('customer', n) end,
            timestamptz '2025-01-01' + n * interval '1 minute', timestamptz '2025-01-01'
       from generate_series(1, ${LEADS}) n`,
  );

/** Many share one instant; every seventh has no text; the last lead's lead is gone; some count for nobody. */
const addAudits = (db: Asked) =>
  db.query(
    `insert into "Audit" (id, lead_id, actor, action, payload, created_at)
     select id_of('audit', lead * 1000 + n), id_of('lead', lead),
            (array['customer', 'agent', 'assistant', 'system', 'robot'])[1 + n % 5], 'message_sent',
            case when n % 7 = 0 then '{}' else jsonb_build_object('text', 'text ' || lead || ' ' || n) end,
            timestamptz '2025-01-02' + n / 4 * interval '1 second'
       from generate_series(1, ${LEADS + 1}) lead, generate_series(1, ${AUDITS_EACH}) n`,
  );

/** Two are refused by a constraint, one by the search index. */
async function addBadAudits(db: Asked): Promise<void> {
  await db.query(`alter table "Message" add constraint no_bad_words check (content !~ '^bad') not valid`);
  await db.query(
    `insert into "Audit" (id, lead_id, actor, action, payload, created_at)
     select id_of('bad', n), id_of('lead', n * 6), 'customer', 'message_received',
            jsonb_build_object('text', case n when 1 then words else 'bad word' end), timestamptz '2025-01-02'
       from generate_series(1, 3) n,
            (select string_agg(md5(w::text), ' ') as words from generate_series(1, ${WORDS}) w) long`,
  );
}

/** A conversation that stands already, and two messages that carry their audits' ids. */
const addEarlierWork = (db: Asked) =>
  db.query(
    `with kept as (
       insert into "Conversation" (id, lead_id, channel, metadata, created_at, updated_at, started_at)
       select id_of('conversation', n), id_of('lead', n), 'sms', '{"source": "audit_backfill"}',
              timestamptz '2025-01-01', timestamptz '2025-01-01', timestamptz '2025-01-01'
         from generate_series(1, 6) n
    returning id, lead_id)
     insert into "Message" (id, conversation_id, role, content, metadata, created_at)
     select id_of('message', row_number() over (order by k.id)), k.id, 'user', 'from before',
            jsonb_build_object('auditId', a.id, 'source', 'audit_backfill'), a.created_at
       from kept k
       join "Audit" a on a.lead_id = k.lead_id and a.payload ->> 'text' like '% 11'`,
  );

/** Once: the last lead's message lets audits of the first leads arrive, which are behind the cursor by then. */
async function arrangeLateAudits(db: Asked): Promise<void> {
  const { rows } = await db.query<{ name: string }>(`select name from "Lead" order by id desc limit 1`);
  const bell = `text ${rows[0]?.name.replace("Lead ", "")} 26`;
  await db.query(
    `create function arrive_late() returns trigger language plpgsql as $$
     begin
       insert into "Audit" (id, lead_id, actor, action, payload, created_at)
       select id_of('late', n), lead.id, 'customer', 'message_received', jsonb_build_object('text', 'late ' || n),
              timestamptz '2025-01-01 12:00'
         from generate_series(1, ${LATE}) n
         join (select id, row_number() over (order by id) as place from "Lead" order by id limit 3) lead
           on lead.place = 1 + n % 3
           on conflict do nothing;
       return null;
     end $$`,
  );
  await db.query(
    `create trigger arrive_late after insert on "Message" for each row
       when (new.content = '${bell}') execute function arrive_late()`,
  );
}
