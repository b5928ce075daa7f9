/** The CRM whose leads and jobs batch 3 links while it is disturbed. The same seed makes the same rows, ids and all. */
import type { Asked } from "../helpers/crm.ts";
import { makeIds } from "./ids.ts";

const LEADS = 160;
const JOBS = 60;

/** Leads in all four passes that share psids, phones and e-mails, also across passes; some make customers that are refused. */
export async function addCustomersCrm(db: Asked, seed: number): Promise<void> {
  await makeIds(db, seed);
  await db.query(
    `insert into "Customer" (id, name, phone, email, created_at, updated_at)
     select id_of('customer', n), 'Customer ' || n, (5550100000 + n * 5)::text, 'p' || n * 7 || '@x',
            timestamptz '2024-12-01' + n * interval '1 hour', timestamptz '2024-12-01'
       from generate_series(1, 4) n`,
  );
  await db.query(
    `insert into "Lead" (id, channel, name, messenger_psid, phone, email, customer_id, created_at, updated_at)
     select id_of('lead', n), 'sms', case when n in (3, 8, 51, 100, 101) then 'bad' else 'Lead ' || n end,
            case when n % 4 = 0 then 'psid ' || n / 8 end,
            case when n % 4 in (0, 1) then '+' || 5550100000 + n / 6 end,
            case when n % 4 in (1, 2) then 'P' || n / 5 || '@x' end,
            case when n % 40 = 0 then id_of('customer', n / 40) end,
            timestamptz '2025-01-01' + n / 3 * interval '1 minute', timestamptz '2025-01-01'
       from generate_series(1, ${LEADS}) n`,
  );
  await db.query(
    `insert into "Job" (id, lead_id, created_at, updated_at)
     select id_of('job', n), case when n % 9 <> 0 then id_of('lead', n * 2) end,
            timestamptz '2025-01-01', timestamptz '2025-01-01'
       from generate_series(1, ${JOBS}) n`,
  );
  await db.query(`alter table "Customer" add constraint no_bad_names check (name <> 'bad') not valid`);
}
