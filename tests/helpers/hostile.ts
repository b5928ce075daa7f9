/** A small CRM that holds, by chance of a seed, whatever a real one may hold. The same seed makes the same rows. */
import { type Asked, rowsOf } from "./crm.ts";

const LEADS = 12;
const AUDITS = 150;

/** Random numbers in [0, 1) that follow from the seed: mulberry32. */
export function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const ACTORS = ["customer", "agent", "user", "assistant", "system", "tool", "robot"];
const ACTIONS = ["message_sent", "message_received", "stage_changed"];
const TEXTS = [
  "Hello",
  "",
  " \t\v",
  "\u00a0",
  "😀".repeat(1200),
  'a": "b',
  "bad",
  "\\",
  "line\nline",
  "x".repeat(5000),
];
const TIMES = ["2025-01-01 00:00:00.000001Z", "2025-01-01 00:00:00.000002Z", "1970-01-01Z", "infinity", "-infinity"];

/** Leads, audits and what earlier tools left; some audits have no lead, or one that is gone. */
export async function addHostileCrm(db: Asked, seed: number): Promise<void> {
  const random = randomOf(seed);
  const one = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const uuid = () => `${seed.toString(16).padStart(8, "0")}-0000-4000-8000-${hex(random)}`;
  const leads = Array.from({ length: LEADS }, () => ({
    id: uuid(),
    channel: one(["messenger", "sms"]),
    phone: one([null, "", " ", "+1555"]),
    messenger_psid: one([null, "", "psid"]),
    created_at: "2025-01-01Z",
  }));
  const leadIds = [...leads.map(({ id }) => id), uuid(), null];
  const audits = Array.from({ length: AUDITS }, () => ({
    id: uuid(),
    lead_id: one(leadIds),
    actor: one(ACTORS),
    action: one(ACTIONS),
    payload: payloadOf(random, one),
    created_at: one(TIMES),
  }));
  await addAll(db, "Lead", leads);
  await addAll(db, "Audit", audits);
  await addEarlierWork(db, one);
}

type One = <T>(list: readonly T[]) => T;

function payloadOf(random: () => number, one: One): unknown {
  const value = () => one<unknown>([...TEXTS, 5, null, true, {}, [], { a: [1, "b: c"] }]);
  // A null at the top would become no payload at all on its way through a record set.
  if (random() < 0.2) return value() ?? {};
  const keys = ["text", "message", "content", "body", "other"].filter(() => random() < 0.4);
  return Object.fromEntries(keys.map((key) => [key, value()]));
}

/** Two leads with a conversation of an earlier tool, a customer that came later, some messages that are there already. */
async function addEarlierWork(db: Asked, one: One): Promise<void> {
  const [first, second] = await rowsOf<{ id: string }>(db, "Lead", "id");
  const audits = await rowsOf<{ id: string; lead_id: string | null }>(db, "Audit", "id");
  const metadata = { source: "audit_backfill" };
  const kept = [first, second].flatMap((lead) => (lead ? [{ lead_id: lead.id, channel: "sms", metadata }] : []));
  await addAll(db, "Conversation", kept);
  await db.query(
    `with made as (insert into "Customer" (name) values ('Ada') returning id)
                  update "Lead" set customer_id = made.id from made where "Lead".id = any ($1)`,
    [[first?.id, one([first, second])?.id]],
  );
  const conversations = await rowsOf<{ id: string }>(db, "Conversation", "id");
  const messages = audits.slice(0, 20).map(({ id }) => ({
    conversation_id: one(conversations).id,
    role: "user",
    content: "from before",
    metadata: { auditId: id, ...metadata },
  }));
  await addAll(db, "Message", messages);
}

/** Inserts rows that all have the same columns. */
async function addAll(db: Asked, table: string, rows: readonly object[]): Promise<void> {
  const names = Object.keys(rows[0] ?? {})
    .map((name) => `"${name}"`)
    .join(", ");
  await db.query(
    `insert into "${table}" (${names}) select ${names} from jsonb_populate_recordset(null::"${table}", $1)`,
    [JSON.stringify(rows)],
  );
}

const hex = (random: () => number): string =>
  Array.from({ length: 12 }, () => Math.floor(random() * 16).toString(16)).join("");
