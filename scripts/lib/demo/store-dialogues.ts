import type { Queryable } from "../db/database.ts";
import { deterministicId } from "../deterministic-id.ts";
import { RunFailed } from "../errors.ts";
import { storable } from "../storable.ts";
import type { Dialogue } from "./dialogues.ts";

/** The source in the ids of leads and audits. */
const SOURCE = "dialogues";

const FIRST_START_MS = Date.UTC(2025, 0, 1);
const STARTS = 300 * 24 * 60; // dialogues begin in one of so many minutes
const TURN_MS = 20_000;

const ACTORS = { user: "customer", system: "agent" } as const;
const ACTIONS = { user: "message_received", system: "message_sent" } as const;

/** How many rows of each kind were added, or were there already. */
export interface Stored {
  readonly dialogues: number;
  readonly dialoguesAdded: number;
  readonly turns: number;
  readonly turnsAdded: number;
}

/** How many leads there are that were not made here: the id of one that was follows from its messenger_psid. */
export async function countForeignLeads(db: Queryable): Promise<number> {
  const { rows } = await db.query<{ count: string }>(
    `select count(*) from "Lead" where crm_uuid($1, messenger_psid) is distinct from id`,
    [SOURCE],
  );
  return Number(rows[0]?.count);
}

/** Adds a lead for each dialogue and an audit for each turn; what is there already is left as it is. */
export async function storeDialogues(tx: Queryable, dialogues: readonly Dialogue[]): Promise<Stored> {
  const leads = dialogues.map(toLead);
  const audits = dialogues.flatMap(toAudits);
  const dialoguesAdded = await insertLeads(tx, leads);
  const turnsAdded = await insertAudits(tx, audits);
  await refuseOtherTexts(tx, audits);
  return { dialogues: leads.length, dialoguesAdded, turns: audits.length, turnsAdded };
}

interface Lead {
  readonly id: string;
  readonly psid: string;
  readonly name: string;
  readonly createdAt: string;
}

interface Audit {
  readonly id: string;
  readonly leadId: string;
  readonly actor: string;
  readonly action: string;
  readonly text: string;
  readonly createdAt: string;
}

const toLead = ({ id, services }: Dialogue): Lead => ({
  id: deterministicId(SOURCE, storable(id)),
  psid: storable(id),
  name: storable(services.join(", ")),
  createdAt: timeOf(id, 0),
});

const toAudits = ({ id, turns }: Dialogue): Audit[] =>
  turns.map(([speaker, text], index) => ({
    id: deterministicId(SOURCE, `${storable(id)}/${index}`),
    leadId: deterministicId(SOURCE, storable(id)),
    actor: ACTORS[speaker],
    action: ACTIONS[speaker],
    text: storable(text),
    createdAt: timeOf(id, index),
  }));

/** Follows from the dialogue alone, so that a second load finds the same; each turn is later than the one before. */
function timeOf(id: string, index: number): string {
  const start = Number.parseInt(deterministicId(SOURCE, storable(id)).slice(0, 8), 16) % STARTS;
  return new Date(FIRST_START_MS + start * 60_000 + index * TURN_MS).toISOString();
}

async function insertLeads(tx: Queryable, leads: readonly Lead[]): Promise<number> {
  const { rowCount } = await tx.query(
    `insert into "Lead" (id, channel, name, messenger_psid, created_at, updated_at)
     select id, 'messenger', name, psid, created_at, created_at
       from unnest($1::uuid[], $2::text[], $3::text[], $4::timestamptz[]) as given (id, name, psid, created_at)
         on conflict (id) do nothing`,
    [leads.map((l) => l.id), leads.map((l) => l.name), leads.map((l) => l.psid), leads.map((l) => l.createdAt)],
  );
  return rowCount ?? 0;
}

async function insertAudits(tx: Queryable, audits: readonly Audit[]): Promise<number> {
  const { rowCount } = await tx.query(
    `insert into "Audit" (id, lead_id, actor, action, payload, created_at)
     select id, lead_id, actor, action, jsonb_build_object('text', text), created_at
       from unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::timestamptz[])
            as given (id, lead_id, actor, action, text, created_at)
         on conflict (id) do nothing`,
    [
      audits.map((a) => a.id),
      audits.map((a) => a.leadId),
      audits.map((a) => a.actor),
      audits.map((a) => a.action),
      audits.map((a) => a.text),
      audits.map((a) => a.createdAt),
    ],
  );
  return rowCount ?? 0;
}

/** Two dialogues with one id and other turns: the second must not be taken for one that is there already. */
async function refuseOtherTexts(tx: Queryable, audits: readonly Audit[]): Promise<void> {
  const { rows } = await tx.query<{ psid: string }>(
    `select l.messenger_psid as psid
       from unnest($1::uuid[], $2::text[], $3::text[]) as given (id, actor, text)
       join "Audit" a on a.id = given.id
       join "Lead" l on l.id = a.lead_id
      where a.payload ->> 'text' is distinct from given.text or a.actor <> given.actor
      limit 1`,
    [audits.map((a) => a.id), audits.map((a) => a.actor), audits.map((a) => a.text)],
  );
  if (rows[0] !== undefined)
    throw new RunFailed(`Dialogue ${rows[0].psid} is there already, with other turns: its id is used twice.`);
}
