/** Small CRMs whose leads and customers share psids, phones and e-mails in every way, by chance of a seed. */
import { type Asked, addRow } from "../../helpers/crm.ts";
import { randomOf } from "../../helpers/hostile.ts";

const PSIDS = [null, null, null, "", " ", "a", "b", "c", "d"];
const PHONES = [null, null, "12", "5550100001", "(555) 010-0001", "5550100002", "5550100003", "+5550100004"];
const EMAILS = [null, null, "none", "a@x", " A@X", "b@x", "c@x", "d@x"];
const TIMES = ["2025-01-01Z", "2025-01-01 00:00:00.000001Z", "2025-01-02Z", "2025-01-03Z", "1970-01-01Z"];

export async function addOverlappingCrm(db: Asked, seed: number): Promise<void> {
  const random = randomOf(seed);
  const one = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const uuid = () => `${digits(random, 8)}-0000-4000-8000-${digits(random, 12)}`;
  const customers: string[] = [];
  for (let n = 0; n < 1 + (seed % 5); n += 1) {
    const known = { phone: one([null, "5550100001", "5550100002"]), email: one([null, "a@x", "c@x"]) };
    customers.push(await addRow(db, "Customer", { id: uuid(), created_at: one(TIMES), ...known }));
  }
  const leads: (string | null)[] = [null];
  for (let n = 0; n < 24; n += 1) {
    const known = { messenger_psid: one(PSIDS), phone: one(PHONES), email: one(EMAILS), name: one([null, " ", "Ada"]) };
    const customer_id = random() < 0.15 ? one(customers) : null;
    leads.push(await addRow(db, "Lead", { id: uuid(), channel: "sms", created_at: one(TIMES), customer_id, ...known }));
  }
  for (let n = 0; n < 10; n += 1)
    await addRow(db, "Job", { id: uuid(), lead_id: one(leads), customer_id: random() < 0.2 ? one(customers) : null });
}

const digits = (random: () => number, count: number): string =>
  Array.from({ length: count }, () => Math.floor(random() * 16).toString(16)).join("");
