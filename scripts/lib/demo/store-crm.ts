import type { Queryable } from "../db/database.ts";

export interface Lead {
  readonly id: string;
  readonly channel: string;
  readonly name: string;
  readonly messenger_psid: string | null;
  readonly phone: string | null;
  readonly email: string | null;
  readonly stage: string;
  readonly created_at: Date;
}

export interface Job {
  readonly id: string;
  readonly lead_id: string;
  readonly status: string;
  readonly window_start: Date;
  readonly window_end: Date;
}

export interface Audit {
  readonly id: string;
  readonly lead_id: string | null;
  readonly actor: string;
  readonly action: string;
  readonly payload: unknown;
  readonly created_at: Date;
}

export interface Crm {
  readonly leads: Lead[];
  readonly jobs: Job[];
  readonly audits: Audit[];
}

/** The columns of each table that a made-up CRM fills. */
const COLUMNS = {
  Lead: 'id uuid, channel "Channel", name text, messenger_psid text, phone text, email text, stage text, created_at timestamptz',
  Job: "id uuid, lead_id uuid, status text, window_start timestamptz, window_end timestamptz",
  Audit: "id uuid, lead_id uuid, actor text, action text, payload jsonb, created_at timestamptz",
} as const;

/** Inserts the rows as the CRM itself would have. */
export async function storeCrm(tx: Queryable, { leads, jobs, audits }: Crm): Promise<void> {
  for (const [table, rows] of [
    ["Lead", leads],
    ["Job", jobs],
    ["Audit", audits],
  ] as const) {
    const columns = COLUMNS[table].replace(/(\w+) [^,]+/g, "$1");
    await tx.query(
      `insert into "${table}" (${columns})
       select ${columns.replace("payload", "coalesce(payload, 'null')")}
         from jsonb_to_recordset($1) as given (${COLUMNS[table]})`,
      [JSON.stringify(rows)],
    );
  }
}
