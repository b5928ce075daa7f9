/** A made-up CRM: leads, jobs and an audit log, in Russian and English, the same each time. Nobody in it exists. */
import type { Faker } from "@faker-js/faker";
import { faker as english } from "@faker-js/faker/locale/en";
import { faker as russian } from "@faker-js/faker/locale/ru";
import { makeState } from "./states.ts";
import type { Audit, Crm, Job, Lead } from "./store-crm.ts";
import { ENGLISH, RUSSIAN, type Talk } from "./talk.ts";

const SEED = 20251107;
const TODAY = new Date("2025-11-01T12:00:00Z");
const LEADS = 300;
const LOST_LEADS = 6; // deleted from the CRM, while their audits stayed
const MINUTE_MS = 60_000;

const CHANNELS = ["messenger", "sms", "whatsapp", "telegram", "instagram", "email", "webchat"] as const;
const STAGES = ["new", "qualified", "booked", "done", "lost"];

/** What a CRM's log holds besides messages: none of it may end a run. `null` stands for JSON's. */
const ODD_PAYLOADS: readonly unknown[] = [
  null,
  {},
  [],
  "",
  " \t\n",
  42,
  "a payload that is only a string",
  { text: "   ", message: "the text was blank, the message counts" },
  { text: 5, content: { nested: true } },
  { text: ["not", "a", "string"] },
  { 'quoted "key": and, comma': "tab\tand \\ backslash", emoji: "👩‍👩‍👧" },
  { from: "new", to: "qualified", by: { id: 7, name: "Бот" } },
  { note: "long ".repeat(400) },
  { text: '\'; drop table "Message"; --' },
];

/** Makes it up; the same seed makes the same CRM. */
export function makeCrm(): Crm {
  for (const [faker, seed] of [
    [english, SEED],
    [russian, SEED + 1],
  ] as const) {
    faker.seed(seed); // two seeds, or they would draw the same ids
    faker.setDefaultRefDate(TODAY);
  }
  const crm: Crm = { leads: [], jobs: [], audits: [] };
  for (let i = 0; i < LEADS; i++) addPerson(crm, i % 5 < 3 ? russian : english, i % 5 < 3 ? RUSSIAN : ENGLISH, i);
  for (const payload of ODD_PAYLOADS) addOddities(crm, payload);
  // Taken from the middle, so that ordinary leads stand on both sides.
  crm.leads.splice(LEADS / 2, LOST_LEADS);
  const known = new Set(crm.leads.map(({ id }) => id));
  return { ...crm, jobs: crm.jobs.filter(({ leadId }) => known.has(leadId)) };
}

/** One person with a lead; one in twelve comes back through another channel, with the same phone written otherwise. */
function addPerson(crm: Crm, faker: Faker, talk: Talk, index: number): void {
  const digits = `${faker === russian ? "79" : "1555"}${faker.string.numeric(faker === russian ? 9 : 7)}`;
  const state = makeState(index);
  const lead: Lead = {
    id: faker.string.uuid(),
    channel: faker.helpers.arrayElement(CHANNELS),
    name: faker.person.fullName(),
    messengerPsid: index % 3 === 0 ? faker.string.numeric(16) : null,
    phone: index % 3 === 1 || index % 12 === 0 ? `+${digits}` : null,
    email: index % 4 === 2 ? faker.internet.email() : null,
    stage: faker.helpers.arrayElement(STAGES),
    createdAt: faker.date.recent({ days: 200 }),
    ...(state === undefined ? {} : { stateMetadata: state as Exclude<Lead["stateMetadata"], undefined> }),
  };
  addLead(crm, faker, talk, lead);
  if (index % 12 !== 1) return;
  const phone = `+${digits.slice(0, 1)} (${digits.slice(1, 4)}) ${digits.slice(4)}`;
  addLead(crm, faker, talk, {
    ...lead,
    id: faker.string.uuid(),
    channel: "sms",
    phone,
    createdAt: faker.date.recent({ days: 60 }),
  });
}

function addLead(crm: Crm, faker: Faker, talk: Talk, lead: Lead): void {
  crm.leads.push(lead);
  if (faker.datatype.boolean(0.4)) crm.jobs.push(makeJob(faker, lead));
  let at = lead.createdAt.getTime();
  const turns = faker.number.int({ min: 2, max: 24 });
  for (let turn = 0; turn < turns; turn++) {
    at += faker.number.int({ min: 1, max: 90 }) * MINUTE_MS;
    const side = turn % 2 === 0 ? "customer" : "agent";
    const text = faker.helpers.arrayElement(talk[side])(faker);
    crm.audits.push(toAudit(faker, lead.id, side, text, new Date(at)));
  }
  const moved = { from: "new", to: lead.stage };
  crm.audits.push({ ...toAudit(faker, lead.id, "system", "", new Date(at)), action: "stage_changed", payload: moved });
}

function toAudit(faker: Faker, leadId: string, actor: string, text: string, createdAt: Date): Audit {
  const key = faker.helpers.weightedArrayElement([
    { value: "text", weight: 8 },
    { value: "message", weight: 1 },
    { value: "body", weight: 1 },
  ]);
  return {
    id: faker.string.uuid(),
    leadId: leadId,
    actor,
    action: actor === "customer" ? "message_received" : "message_sent",
    payload: { [key]: text },
    createdAt: createdAt,
  };
}

/** The same payload under a lead and under none. */
function addOddities({ audits, leads }: Crm, payload: unknown): void {
  const lead = english.helpers.arrayElement(leads);
  const odd = { ...toAudit(english, lead.id, "agent", "", lead.createdAt), payload };
  audits.push(odd, { ...odd, id: english.string.uuid(), leadId: null });
}

function makeJob(faker: Faker, lead: Lead): Job {
  const start = faker.date.soon({ days: 30, refDate: lead.createdAt });
  const status = faker.helpers.arrayElement(["new", "planned", "completed", "cancelled"]);
  const end = new Date(start.getTime() + 120 * MINUTE_MS);
  return { id: faker.string.uuid(), leadId: lead.id, status, windowStart: start, windowEnd: end };
}
