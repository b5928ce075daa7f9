/** Makers of the audit log: by hand, in numbers, and in the way of a run. */
import pg from "pg";
import { type Asked, addRow, type Columns } from "./crm.ts";

/** One message that a customer of this lead sent. */
export const addAudit = (db: Asked, leadId: string | null, columns: Columns = {}): Promise<string> =>
  addRow(db, "Audit", {
    lead_id: leadId,
    actor: "customer",
    action: "message_received",
    payload: { text: "Hello" },
    created_at: "2025-01-02T00:00:00Z",
    ...columns,
  });

/** `count` messages of one lead, "text 1" to "text <count>", a second apart; made inside the database. */
export async function addAudits(db: Asked, leadId: string, count: number, { everySecond = 1 } = {}): Promise<void> {
  await db.query(
    `insert into "Audit" (lead_id, actor, action, payload, created_at)
     select $1, 'customer', 'message_received', jsonb_build_object('text', 'text ' || n),
            timestamptz '2025-01-02' + n * $3 * interval '1 second'
       from generate_series(1, $2::int) n`,
    [leadId, count, everySecond],
  );
}

/** `leads` leads with `each` messages each. */
export async function addBusyLeads(db: Asked, leads: number, each: number): Promise<void> {
  await db.query(
    `with lead as (
       insert into "Lead" (channel, name, phone, created_at)
       select 'sms', 'Lead ' || n, '+1555000' || n, timestamptz '2025-01-01' + n * interval '1 minute'
         from generate_series(1, $1::int) n
    returning id, created_at)
     insert into "Audit" (lead_id, actor, action, payload, created_at)
     select lead.id, case when n % 2 = 0 then 'agent' else 'customer' end, 'message_sent',
            jsonb_build_object('text', 'text ' || n), lead.created_at + n * interval '1 second'
       from lead, generate_series(1, $2::int) n`,
    [leads, each],
  );
}

/** From now on the database refuses messages that hold this text, as a constraint of the CRM's own might. */
export const refuseMessages = (db: Asked, pattern: string): Promise<unknown> =>
  db.query(`alter table "Message" add constraint no_bad_words check (content !~ '${pattern}') not valid`);

export const allowMessages = (db: Asked): Promise<unknown> =>
  db.query(`alter table "Message" drop constraint no_bad_words`);

/** Any number that nobody else locks. */
const HOLD = 4711;

export interface Hold {
  /** Whether a run stands at the text and waits. */
  readonly reached: () => Promise<boolean>;
  /** Lets it go on, then and from now on. */
  readonly letGo: () => Promise<void>;
}

/** Makes the page that stores a message of this text wait in the middle of its transaction. */
export async function holdAt(db: Asked & { readonly url: string }, text: string): Promise<Hold> {
  await db.query(
    `create function wait_for_test() returns trigger language plpgsql as $$
     begin
       perform pg_advisory_xact_lock_shared(${HOLD});
       return new;
     end $$`,
  );
  await db.query(
    `create trigger wait_for_test before insert on "Message"
        for each row when (new.content = '${text}') execute function wait_for_test()`,
  );
  const holder = new pg.Client(db.url);
  // A test that restarts the server breaks it, which lets the run go on, too.
  holder.on("error", () => undefined);
  await holder.connect();
  await holder.query("select pg_advisory_lock($1)", [HOLD]);
  return {
    reached: async () => {
      const { rows } = await db.query(
        `select from pg_locks
          where locktype = 'advisory' and not granted and objid = $1
            and database = (select oid from pg_database where datname = current_database())`,
        [HOLD],
      );
      return rows.length > 0;
    },
    letGo: () => holder.end().catch(() => undefined),
  };
}
