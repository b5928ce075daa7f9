import { beforeEach, expect, test } from "@jest/globals";
import pg from "pg";
import conversations from "../../../scripts/migrations/backfill-conversations-messages.ts";
import batch from "../../../scripts/migrations/backfill-customers.ts";
import { addAudit, addBusyLeads } from "../../helpers/audits.ts";
import { addConversation, addCustomer, addLead, addRow, countRows, rowsOf } from "../../helpers/crm.ts";
import { useDatabase } from "../../helpers/database.ts";
import { runInProcess } from "../../helpers/script.ts";
import { keptOf, rollBack } from "./rollback.ts";

const db = useDatabase();

const run = (...argv: string[]) => runInProcess(batch, db, argv);
const customerOf = async (lead: string) => (await rowsOf(db, "Lead")).find(({ id }) => id === lead)?.customer_id;

let leads: string[];
beforeEach(async () => {
  leads = [];
  for (const psid of ["a", "b", "c", "d", "e", "f"]) leads.push(await addLead(db, { messenger_psid: psid }));
  for (const lead of leads) await addRow(db, "Job", { lead_id: lead });
});

test("checkpoint, quarantine, effects and the batch's Audit rows go; those of others stay", async () => {
  await addAudit(db, null, { actor: "system", action: "backfill_memory_notes", payload: { runId: 1 } });
  await addAudit(db, leads[0] ?? "", { actor: "system", action: "backfill_customers", payload: { runId: 1 } });
  const before = await db.snapshot();
  const audits = await rowsOf(db, "Audit");
  await db.query(`insert into migration_errors (run_id, script, item_key, code, message)
                  values (1, 'backfill-customers', 'group:x', '23505', 'm')`);
  await run("--limit", "2");
  expect(await countRows(db, "migration_checkpoints")).toBe(1);
  const { notices, resultSets } = await rollBack(db, 3);
  expect(notices).toEqual(["rolling back ALL runs of batch 3"]);
  expect(resultSets).toEqual([[]]);
  expect(await db.snapshot()).toEqual(before);
  expect(await rowsOf(db, "Audit")).toEqual(audits);
  expect(keptOf(await rollBack(db, 3))).toEqual([]);
});

test("customers that were edited, or that anything refers to, stay and are listed", async () => {
  await run();
  const [edited, renamed, talked, noted, booked, known] = (await rowsOf(db, "Lead")).map((lead) => lead.customer_id);
  await db.query(`update "Customer" set phone = '5550100001' where id = $1`, [edited]);
  await db.query(`update "Customer" set metadata = metadata || '{"vip": true}' where id = $1`, [renamed]);
  await addConversation(db, { customer_id: talked });
  await addRow(db, "MemoryNote", { customer_id: noted, content: "likes tea" });
  await addRow(db, "bookings", { customer_id: booked, start_at: "2025-01-01Z", end_at: "2025-01-02Z" });
  await addRow(db, "external_refs", { entity_type: "Customer", entity_id: known, system: "shop", external_id: "1" });
  expect(keptOf(await rollBack(db, 3)).sort()).toEqual(
    [
      ["Customer", edited, "edited since"],
      ["Customer", renamed, "edited since"],
      ["Customer", talked, 'in use by "Conversation"'],
      ["Customer", noted, 'in use by "MemoryNote"'],
      ["Customer", booked, "in use by bookings"],
      ["Customer", known, "in use by external_refs"],
    ].sort(),
  );
  expect(await countRows(db, "Customer")).toBe(6);
  expect(await countRows(db, "MemoryNote")).toBe(1);
  // Their leads are free again, and the next run finds the customers.
  expect((await run()).document.stats).toMatchObject({ customersCreated: 0, customersReused: 6, leadsLinked: 6 });
});

test("a customer that a table of somebody else's refers to by its phone, on delete cascade, stays with that row", async () => {
  const phoned = await addLead(db, { phone: "5550100001" });
  await run();
  await db.query('alter table "Customer" add unique (phone)');
  await db.query('create table calls (phone text references "Customer" (phone) on delete cascade)');
  await db.query("insert into calls values ('5550100001')");
  const id = await customerOf(phoned);
  expect(keptOf(await rollBack(db, 3))).toEqual([["Customer", id, "in use by calls"]]);
  expect(await countRows(db, "calls")).toBe(1);
});

test("leads and jobs that have another customer since keep it, and so does a live lead its customer", async () => {
  await run();
  const [job] = await rowsOf(db, "Job", "lead_id");
  const mine = await addCustomer(db);
  await db.query('update "Lead" set customer_id = $1 where id = $2', [mine, leads[0]]);
  await db.query('update "Job" set customer_id = $1 where id = $2', [mine, job?.id]);
  await db.query('update "Lead" set customer_id = null where id = $1', [leads[1]]);
  const taken = await customerOf(leads[2] ?? "");
  const live = await addLead(db, { customer_id: taken });
  expect(keptOf(await rollBack(db, 3))).toEqual([
    ["Customer", taken, 'in use by "Lead"'],
    ["Job", job?.id, "has another customer since"],
    ["Lead", leads[0], "has another customer since"],
  ]);
  expect([await customerOf(leads[0] ?? ""), await customerOf(live)]).toEqual([mine, taken]);
  expect((await rowsOf(db, "Customer")).map(({ id }) => id).sort()).toEqual([mine, taken].sort());
});

test("one run of a chain is taken back, then the other; together they leave nothing", async () => {
  const before = await db.snapshot();
  const { document: first } = await run("--limit", "3");
  const afterFirst = await db.snapshot();
  const { document: second } = await run();
  const { notices } = await rollBack(db, 3, second.runId);
  expect(notices).toEqual([`rolling back run ${second.runId}`]);
  expect(await db.snapshot()).toEqual({ ...afterFirst, migration_checkpoints: [] });
  expect((await run()).document.stats).toMatchObject({ leadsLinked: 3, leadsAlreadyLinked: 3, jobsLinked: 6 });
  await rollBack(db, 3, first.runId);
  expect((await rowsOf(db, "Lead")).filter(({ customer_id }) => customer_id === null)).toHaveLength(3);
  await rollBack(db, 3);
  expect(await db.snapshot()).toEqual(before);
});

test("what a later run has linked again stays linked when the earlier run is taken back", async () => {
  const before = await db.snapshot();
  const { document: first } = await run();
  await db.query('update "Lead" set customer_id = null where id = $1', [leads[0]]);
  await run();
  const again = await customerOf(leads[0] ?? "");
  expect(keptOf(await rollBack(db, 3, first.runId))).toEqual([
    ["Customer", again, 'in use by "Lead"'],
    ["Lead", leads[0], "linked again by a later run"],
  ]);
  expect(await customerOf(leads[0] ?? "")).toBe(again);
  await rollBack(db, 3);
  expect(await db.snapshot()).toEqual(before);
});

test("it refuses while batch 4 is applied, and not once that is taken back", async () => {
  await run();
  await addBusyLeads(db, 1, 1);
  await runInProcess(conversations, db);
  const before = await db.snapshot();
  await expect(rollBack(db, 3)).rejects.toThrow(
    /nothing was changed: applied after batch 3 and built on it: backfill-conversations-messages .* · Roll these back first/,
  );
  expect(await db.snapshot()).toEqual(before);
  await rollBack(db, 4);
  expect(keptOf(await rollBack(db, 3))).toEqual([]);
});

test.each([
  { what: "unknown", id: () => 4711 },
  {
    what: "of another batch",
    id: async () => {
      const { document } = await runInProcess(conversations, db);
      await rollBack(db, 4);
      return document.runId;
    },
  },
])("a run that is $what is refused, and nothing is changed", async ({ id }) => {
  await run();
  const asked = await id();
  const before = await db.snapshot();
  await expect(rollBack(db, 3, asked)).rejects.toThrow(
    `nothing was changed: backfill.run_id ${asked} is not a run of backfill-customers`,
  );
  expect(await db.snapshot()).toEqual(before);
});

test.each([3, 4] as const)(
  "batch %i: it refuses, to be run again, while a session holds the script's lock",
  async (number) => {
    await run();
    const script = number === 3 ? "backfill-customers" : "backfill-conversations-messages";
    const before = await db.snapshot();
    const holder = new pg.Client(db.url);
    await holder.connect();
    await holder.query("select pg_advisory_lock(hashtextextended('crm-migrations:' || $1, 0))", [script]);
    await expect(rollBack(db, number)).rejects.toMatchObject({
      name: "MustWait",
      message: expect.stringContaining(`nothing was changed: a run of ${script} is at work`),
    });
    await holder.end();
    expect(await db.snapshot()).toEqual(before);
    await rollBack(db, number);
  },
);
