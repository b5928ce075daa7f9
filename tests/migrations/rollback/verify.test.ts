/** The verify.sql of batches 3 and 4: silent after a good run; each check has a way to be broken here. */
import { randomUUID } from "node:crypto";
import { beforeEach, describe, expect, test } from "@jest/globals";
import { type CheckResult, readChecks, runChecks } from "../../../scripts/lib/checks.ts";
import { withDatabase } from "../../../scripts/lib/db/database.ts";
import conversations from "../../../scripts/migrations/backfill-conversations-messages.ts";
import customers from "../../../scripts/migrations/backfill-customers.ts";
import { addAudit, addBusyLeads, refuseMessages } from "../../helpers/audits.ts";
import { addConversation, addCustomer, addLead, addMessage, addRow } from "../../helpers/crm.ts";
import { useDatabase } from "../../helpers/database.ts";
import { runInProcess } from "../../helpers/script.ts";
import { psql, testWithPsql } from "./psql.ts";
import { type DataBatch, fileOf, rollBack } from "./rollback.ts";

const db = useDatabase();

interface Breach {
  /** The check's name. */
  readonly check: string;
  /** How the database comes to be wrong: a statement, or more. */
  readonly by: string | (() => Promise<unknown>);
}

beforeEach(async () => {
  await addBusyLeads(db, 3, 2);
  await addRow(db, "Job", { lead_id: await addLead(db, { messenger_psid: "p", name: "Job's" }) });
  await addLead(db, { messenger_psid: "p", name: "Job's" });
});

const check = (batch: DataBatch): Promise<CheckResult[]> =>
  withDatabase(db.address, { max: 1 }, (database) => runChecks(database, fileOf(batch, "verify")));

const broken = async (batch: DataBatch) =>
  (await check(batch))
    .filter(({ count, error }) => count > 0 || error !== undefined)
    .map(({ name, failed }) => ({ name, failed }));

const breakBy = (by: Breach["by"]) => (typeof by === "string" ? db.query(by) : by());

const GROUP = "crm_uuid('lead_backfill', crm_lead_key(messenger_psid, phone, email, id))";

const quarantine = (script: string, key: string) =>
  db.query(`insert into migration_errors (run_id, script, item_key, code, message)
            values (1, '${script}', ${key}, '23505', 'duplicate')`);

describe("Batch 3", () => {
  beforeEach(() => runInProcess(customers, db));

  testWithPsql("holds after a run, from Node and from psql", async () => {
    expect(await broken(3)).toEqual([]);
    expect(await psql(db.url, fileOf(3, "verify"))).toMatchObject({ exitCode: 0, stderr: "" });
  });

  const FAILURES: readonly Breach[] = [
    { check: "every lead has a customer, or a reason", by: () => addLead(db, { messenger_psid: "new" }) },
    {
      check: "every job of a lead with a customer has one, or a reason",
      by: `insert into "Job" (lead_id) select id from "Lead" limit 1`,
    },
    {
      check: "a job that the batch linked has its lead's customer",
      by: `with job as (update "Job" set customer_id = (select customer_id from "Lead" where phone is not null limit 1)
                     returning id, customer_id)
           update migration_effects e set hash = md5(job.customer_id::text) from job where row_id = job.id::text`,
    },
    {
      check: "leads of one group have one customer",
      by: async () => {
        const other = await addCustomer(db);
        await db.query(
          `with lead as (update "Lead" set customer_id = $1
                          where id = (select max(id::text) from "Lead" where messenger_psid = 'p')::uuid returning id)
           update migration_effects set hash = md5($1::text) from lead where row_id = lead.id::text`,
          [other],
        );
        await db.query('update "Job" set customer_id = null, lead_id = null');
      },
    },
    { check: "the indexes of the batch are there and valid", by: 'drop index "Lead_group_idx"' },
    { check: "the indexes of the batch are there and valid", by: 'drop index "Lead_phone_digits_idx"' },
    { check: "the indexes of the batch are there and valid", by: 'drop index "Lead_email_lower_idx"' },
    { check: "items in quarantine", by: () => quarantine("backfill-customers", "'group:x'") },
  ];

  testWithPsql.each(FAILURES)("fails: $check", async ({ check: name, by }) => {
    await breakBy(by);
    expect((await broken(3)).filter(({ failed }) => failed)).toEqual([{ name, failed: true }]);
    const { exitCode, stderr } = await psql(db.url, fileOf(3, "verify"));
    expect([exitCode, stderr]).toEqual([3, expect.stringContaining("ERROR:  batch 3 does not hold")]);
  });

  const WARNINGS: readonly Breach[] = [
    { check: "customers that share a phone", by: `insert into "Customer" (phone) values ('1'), ('1')` },
    { check: "customers that share an e-mail", by: `insert into "Customer" (email) values ('a@b'), ('a@b')` },
    { check: "jobs without a customer, whose lead is unknown or gone", by: `insert into "Job" default values` },
  ];

  test.each(WARNINGS)("only warns: $check", async ({ check: name, by }) => {
    await breakBy(by);
    expect(await broken(3)).toEqual([{ name, failed: false }]);
  });

  testWithPsql("warnings leave psql's exit code at 0", async () => {
    for (const { by } of WARNINGS) await breakBy(by);
    expect(await psql(db.url, fileOf(3, "verify"))).toMatchObject({ exitCode: 0, stderr: "" });
  });

  test("what is in quarantine is reported as that alone, and no longer once it is resolved", async () => {
    await addLead(db, { messenger_psid: "bad" });
    const key = `(select 'group:' || ${GROUP} from "Lead" where messenger_psid = 'bad')`;
    await quarantine("backfill-customers", key);
    expect(await broken(3)).toEqual([{ name: "items in quarantine", failed: true }]);
    await runInProcess(customers, db, ["--retry-errors"]);
    expect(await broken(3)).toEqual([]);
  });

  test("every check of the file is broken by one of these", async () => {
    const named = [...FAILURES, ...WARNINGS].map((breach) => breach.check);
    expect((await readChecks(fileOf(3, "verify"))).map(({ name }) => name).sort()).toEqual([...new Set(named)].sort());
  });
});

describe("Batch 4", () => {
  beforeEach(async () => {
    await runInProcess(customers, db);
    await runInProcess(conversations, db);
  });

  const SOURCE = { source: "audit_backfill" };

  const leadWithCustomer = async () => addLead(db, { customer_id: await addCustomer(db) });

  testWithPsql("holds after a run, from Node and from psql", async () => {
    expect(await broken(4)).toEqual([]);
    expect(await psql(db.url, fileOf(4, "verify"))).toMatchObject({ exitCode: 0, stderr: "" });
  });

  const FAILURES: readonly Breach[] = [
    {
      check: "every lead with an audit that counts has its conversation",
      by: async () => addAudit(db, await addLead(db, { name: "new" }), { payload: {} }),
    },
    {
      check: "every audit that counts has its message, or a reason",
      by: `delete from "Message" where content = 'text 1'`,
    },
    {
      check: "no two messages of one audit",
      by: `drop index "Message_audit_id_key";
           insert into "Message" (conversation_id, role, content, created_at, metadata)
           select conversation_id, role, content, created_at, metadata from "Message" limit 1`,
    },
    { check: "roles follow from the actors", by: `update "Message" set role = 'tool' where content = 'text 1'` },
    {
      check: "messages stand in their lead's conversation, at their audit's time",
      by: `update "Message" set created_at = created_at - interval '1 microsecond' where content = 'text 1'`,
    },
    {
      check: "messages stand in their lead's conversation, at their audit's time",
      by: `update "Conversation" set lead_id = null where id = (select conversation_id from "Message" limit 1);
           insert into "Conversation" (lead_id, customer_id, channel, metadata)
           select id, customer_id, 'sms', '{"source": "audit_backfill"}' from "Lead"`,
    },
    {
      // Of messages of our own the time is checked, too: only an earlier tool's can be out of order alone.
      check: "messages follow the order of their audits",
      by: `update "Message" m
              set id = gen_random_uuid(), created_at = m.created_at - interval '1 hour'
            where content = 'text 2'`,
    },
    {
      check: "last_message_at is not before the newest message",
      by: `update "Conversation" set last_message_at = '2020-01-01Z'`,
    },
    {
      check: "last_message_at is not before the newest message",
      by: `update "Conversation" set last_message_at = null`,
    },
    {
      check: "no message without its conversation, and a valid foreign key that keeps it so",
      by: `alter table "Message" drop constraint "Message_conversation_id_fkey"`,
    },
    {
      check: "no message without its conversation, and a valid foreign key that keeps it so",
      by: `alter table "Message" drop constraint "Message_conversation_id_fkey";
           alter table "Message" add constraint "Message_conversation_id_fkey"
             foreign key (conversation_id) references "Conversation" (id) not valid`,
    },
    {
      check: "no message without its conversation, and a valid foreign key that keeps it so",
      by: `set session_replication_role = replica;
           insert into "Message" (conversation_id, role, content) values (gen_random_uuid(), 'user', 'of nobody');
           reset session_replication_role`,
    },
    {
      check: "no conversation of a lead or a customer that is gone",
      by: `set session_replication_role = replica;
           insert into "Conversation" (lead_id, channel, metadata)
           values (gen_random_uuid(), 'sms', '{"source": "audit_backfill"}');
           reset session_replication_role`,
    },
    {
      check: "no conversation of a lead or a customer that is gone",
      by: `set session_replication_role = replica;
           insert into "Conversation" (customer_id, channel, metadata)
           values (gen_random_uuid(), 'sms', '{"source": "audit_backfill"}');
           reset session_replication_role`,
    },
    { check: "the unique index on auditId is there and valid", by: 'drop index "Message_audit_id_key"' },
    { check: "the plan of the documented search names its index", by: 'drop index "Message_content_fts_ru_idx"' },
    {
      check: "the plan of the documented search names its index",
      by: `drop index "Message_content_fts_idx";
           create index "Message_content_fts_idx" on "Message" using gin (to_tsvector('english', content))`,
    },
    { check: "items in quarantine", by: () => quarantine("backfill-conversations-messages", "'x'") },
  ];

  testWithPsql.each(FAILURES)("fails: $check", async ({ check: name, by }) => {
    await breakBy(by);
    const failed = (await broken(4)).filter((result) => result.failed).map((result) => result.name);
    expect(failed).toContain(name);
    // Without its index an audit may have two messages: the one can't be broken without the other.
    expect(
      failed.filter((other) => other !== "the unique index on auditId is there and valid" || other === name).length,
    ).toBe(1);
    const { exitCode, stderr } = await psql(db.url, fileOf(4, "verify"));
    expect([exitCode, stderr]).toEqual([3, expect.stringContaining("ERROR:  batch 4 does not hold")]);
  });

  const WARNINGS: readonly Breach[] = [
    {
      check: "a lead with several backfilled conversations",
      by: `insert into "Conversation" (id, lead_id, customer_id, channel, last_message_at, metadata)
           select '${randomUUID()}', lead_id, customer_id, channel, last_message_at, metadata from "Conversation" limit 1;
           insert into "Message" (conversation_id, role, content, created_at)
           select id, 'user', 'live', '2024-01-01' from "Conversation"`,
    },
    {
      check: "conversations without a customer",
      by: async () => addMessage(db, await addConversation(db, { last_message_at: "2099-01-01Z", metadata: SOURCE })),
    },
    {
      check: "conversations of leads without an audit that counts",
      by: async () => {
        const [customer_id, lead_id] = [await addCustomer(db), await leadWithCustomer()];
        const id = await addConversation(db, {
          lead_id,
          customer_id,
          metadata: SOURCE,
          last_message_at: "2099-01-01Z",
        });
        await addMessage(db, id);
      },
    },
    {
      check: "messages whose audit is gone",
      by: `delete from "Audit" where payload ->> 'text' = 'text 1'`,
    },
    { check: "coverage: leads with a customer", by: () => addLead(db) },
    { check: "coverage: jobs with a customer", by: `insert into "Job" default values` },
    {
      check: "coverage: backfilled conversations with messages",
      by: async () => addConversation(db, { customer_id: await addCustomer(db), metadata: SOURCE }),
    },
  ];

  test.each(WARNINGS)("only warns: $check", async ({ check: name, by }) => {
    await breakBy(by);
    expect(await broken(4)).toEqual([{ name, failed: false }]);
  });

  testWithPsql("warnings leave psql's exit code at 0", async () => {
    for (const { by } of WARNINGS) await breakBy(by);
    expect(await psql(db.url, fileOf(4, "verify"))).toMatchObject({ exitCode: 0, stderr: "" });
  });

  testWithPsql("a run with other actors is verified with the same list", async () => {
    await rollBack(db, 4);
    await addAudit(db, await addLead(db, { name: "Tool's" }), { actor: "tool" });
    await runInProcess(customers, db);
    await runInProcess(conversations, db, ["--actors", "tool"]);
    expect(await psql(db.url, fileOf(4, "verify"))).toMatchObject({ exitCode: 3 });
    const PGOPTIONS = "-c backfill.actors=tool";
    expect(await psql(db.url, fileOf(4, "verify"), { PGOPTIONS })).toMatchObject({ exitCode: 0, stderr: "" });
  });

  test("coverage is told as shares", async () => {
    await addLead(db);
    const [found] = (await check(4)).filter(({ name }) => name === "coverage: leads with a customer");
    expect(found?.rows).toEqual([{ covered: "5", leads: "6", percent: "83.3" }]);
  });

  testWithPsql("the search is not judged where batch 2 is not applied, and on an empty table it is", async () => {
    await rollBack(db, 4);
    await db.query(`truncate "Audit"`);
    expect(await broken(4)).toEqual([]);
    await db.query('drop index "Message_content_fts_idx"');
    expect(await broken(4)).toEqual([{ name: "the plan of the documented search names its index", failed: true }]);
    await db.query("delete from _prisma_migrations where migration_name = '20251108_add_fts_indexes'");
    expect(await broken(4)).toEqual([]);
    await db.query("drop table _prisma_migrations");
    expect(await broken(4)).toEqual([]);
    expect(await psql(db.url, fileOf(4, "verify"))).toMatchObject({ exitCode: 0, stderr: "" });
  });

  test("what is in quarantine is reported as that alone", async () => {
    await rollBack(db, 4);
    await refuseMessages(db, "text 2");
    await runInProcess(conversations, db);
    expect(await broken(4)).toEqual([{ name: "items in quarantine", failed: true }]);
  });

  test("every check of the file is broken by one of these", async () => {
    const named = [...FAILURES, ...WARNINGS].map((breach) => breach.check);
    expect((await readChecks(fileOf(4, "verify"))).map(({ name }) => name).sort()).toEqual([...new Set(named)].sort());
  });
});
