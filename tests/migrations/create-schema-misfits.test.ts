import { beforeEach, expect, test } from "@jest/globals";
import { parseAddress } from "../../scripts/lib/db/address.ts";
import { baselineSchema } from "../../scripts/lib/schema/baseline.ts";
import { useDatabase } from "../helpers/database.ts";
import { FOREIGN_CRM, perform, readCatalog } from "./create-schema-database.ts";

const db = useDatabase({ empty: true });
const own = { baseline: true };

beforeEach(() => db.query(FOREIGN_CRM));

const KEY = "id uuid primary key default gen_random_uuid()";
const CONVERSATION = `create table "Conversation" (${KEY}, channel "Channel" not null);`;
const ROLES = `create type "MessageRole" as enum ('user', 'assistant', 'system', 'tool');`;
const MESSAGE = `${CONVERSATION}${ROLES}
  create table "Message" (${KEY}, conversation_id uuid not null, role "MessageRole" not null, content text not null,
                          metadata jsonb, created_at timestamptz not null default now());`;

const MISFITS: [what: string, sql: string, complaint: string][] = [
  ["ids of text", `create table "Customer" (id text primary key default 'x')`, `"Customer".id is text: uuid is needed`],
  [
    "a time without zone",
    `create table "Customer" (${KEY}, created_at timestamp(3) not null default now())`,
    `"Customer".created_at is timestamp(3) without time zone: timestamp(6) with time zone is needed`,
  ],
  [
    "json that is not jsonb",
    `create table "Customer" (${KEY}, metadata json)`,
    `"Customer".metadata is json: jsonb is needed`,
  ],
  [
    "a text of limited length",
    `create table stores (id text primary key, name varchar(10) not null)`,
    'stores".name is character varying(10): text is needed',
  ],
  [
    "another table of that name",
    "create table bookings (room int primary key)",
    `"bookings" has the primary key (room): (id) is needed`,
  ],
  [
    "a table without primary key",
    `create table "Customer" (id uuid not null default gen_random_uuid())`,
    `"Customer" has no primary key: (id) is needed`,
  ],
  ["a view where a table is needed", "create view stores as select 1 as id", `"stores" is a view: a table is needed`],
  [
    "a partitioned table",
    `create table stores (id text primary key) partition by hash (id)`,
    `"stores" is a partitioned table or index: a table is needed`,
  ],
  [
    "a table where the view is needed",
    "create table chat_messages (id uuid)",
    `"chat_messages" is a table: a view is needed`,
  ],
  [
    "a view that lacks a column",
    "create view chat_messages as select 1 as id",
    `view "chat_messages".sender is missing: text is needed`,
  ],
  [
    "a type that is no enum",
    `create domain "MessageRole" as text`,
    `"MessageRole" is a type that is no enum: an enum type is needed`,
  ],
  [
    "a label that is missing",
    `create type "MessageRole" as enum ('user', 'assistant', 'system')`,
    `enum type "MessageRole" lacks a label: alter type "MessageRole" add value 'tool'`,
  ],
  [
    "an index of that name on something else",
    `create index "Lead_customer_id_idx" on "Lead" (phone)`,
    `index "Lead_customer_id_idx" is btree on "Lead" (phone); btree on "Lead" (customer_id) is needed: rename it`,
  ],
  [
    "a relation that has an index's name",
    `create sequence "Lead_customer_id_idx"`,
    `"Lead_customer_id_idx" is a sequence, and an index has this name: rename it`,
  ],
  [
    "a constraint that has a foreign key's name",
    `alter table "Lead" add constraint "Lead_customer_id_fkey" foreign key (id) references "Lead"`,
    `constraint "Lead_customer_id_fkey" leads from (id) to "Lead": rename it`,
  ],
  [
    "a function of that name",
    "create function crm_trim(value text) returns text language sql return value",
    "function crm_trim(text) is not the suite's",
  ],
  [
    "a column of theirs that we can't fill",
    `alter table "Audit" add column tenant int not null generated always as identity, add column ip inet not null default '::1'; alter table "Audit" alter column ip drop default`,
    `"Audit".ip is not null and has no default, and the suite does not know it: give it a default`,
  ],
  [
    "a column that we leave empty, but they don't",
    `delete from "Audit"; alter table "Audit" alter column lead_id set not null`,
    `"Audit".lead_id is not null, and the suite leaves it empty: alter table "Audit" alter column lead_id drop not null`,
  ],
  [
    "a value that can't be made up",
    `alter table "Audit" drop column created_at`,
    `"Audit".created_at is missing: it can't be made up for the rows that are there`,
  ],
  [
    "a value that is needed and empty",
    `alter table "Audit" alter column created_at drop not null; update "Audit" set created_at = null where seq = 2`,
    `"Audit".created_at is empty in 1 row: a value is needed`,
  ],
  [
    "a table of the CRM that is missing",
    `drop table "Job"`,
    `table "Job" is missing, though others of the CRM are there`,
  ],
  [
    "orphans",
    `alter table "Job" drop constraint job_of_lead; update "Job" set lead_id = gen_random_uuid()`,
    `"Job".lead_id leads nowhere in 5 rows: no such row in "Lead"`,
  ],
  [
    "references to a table that is not there",
    `alter table "Lead" add column customer_id uuid; update "Lead" set customer_id = id`,
    `"Lead".customer_id leads nowhere in 5 rows: no such row in "Customer"`,
  ],
  [
    "a value twice that must be unique",
    `create table external_refs (${KEY}, entity_type text not null, entity_id uuid not null, system text not null, external_id text not null);
     insert into external_refs (entity_type, entity_id, system, external_id) select 'lead', gen_random_uuid(), 'umnico', '1' from generate_series(1, 2)`,
    `"external_refs" holds values of (system, entity_type, external_id) more than once (1): external_refs_system_entity_type_external_id_key refuses that`,
  ],
  [
    "two messages of one audit",
    `${MESSAGE} insert into "Conversation" (channel) values ('sms');
     insert into "Message" (conversation_id, role, content, metadata)
     select "Conversation".id, 'user', 'Hello', '{"auditId": "a"}' from "Conversation", generate_series(1, 2)`,
    `"Message" holds more than one message of the same metadata.auditId (1): keep one of each`,
  ],
];

test.each(MISFITS)("%s is listed, and nothing is touched", async (_what, sql, complaint) => {
  await db.query(sql);
  const [catalog, rows] = [await readCatalog(db), await db.snapshot()];
  const refusal = await perform(db, baselineSchema, "apply", own).then(
    () => undefined,
    (error: Error) => error,
  );
  expect(refusal?.name).toBe("UserError");
  expect(refusal?.message).toContain(complaint);
  await expect(perform(db, baselineSchema, "plan", own)).rejects.toThrow(refusal?.message);
  expect(await readCatalog(db)).toEqual(catalog);
  expect(await db.snapshot()).toEqual(rows);
});

test("All that does not fit is listed at once", async () => {
  await db.query(
    `create table "Customer" (id text primary key default 'x', phone int); create table stores (id int primary key)`,
  );
  await expect(perform(db, baselineSchema, "apply", own)).rejects.toThrow(
    "Nothing was touched: what this database holds already does not fit (3):" +
      `\n  - "Customer".id is text: uuid is needed\n  - "Customer".phone is integer: text is needed\n  - "stores".id is integer: text is needed`,
  );
});

test("Texts of other kinds, where they are only read, times with fewer digits and equal keys of other names fit", async () => {
  await db.query(`create table stores (id varchar primary key, name varchar not null)`);
  expect((await perform(db, baselineSchema, "plan", own)).counts.created).toBeGreaterThan(0);
});

test("Empty tables may lack what can't be made up", async () => {
  await db.query(`create table "Message" (${KEY})`);
  await perform(db, baselineSchema, "apply", own);
  expect((await perform(db, baselineSchema, "plan", own)).counts).toMatchObject({ created: 0, updated: 0 });
});

test("A role that may only read sees the same misfits", async () => {
  await db.query(`create table stores (id int primary key)`);
  const role = `reader_${Date.now()}`;
  await db.query(`create role ${role} login; grant select on all tables in schema public to ${role}`);
  try {
    const url = new URL(db.url);
    url.username = role;
    const reader = { address: parseAddress(url.href) };
    await expect(perform(reader, baselineSchema, "plan", own)).rejects.toThrow(`"stores".id is integer`);
  } finally {
    await db.query(`drop owned by ${role}; drop role ${role}`);
  }
});
