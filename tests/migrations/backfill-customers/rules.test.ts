import { expect, test } from "@jest/globals";
import batch from "../../../scripts/migrations/backfill-customers.ts";
import { addCustomer, addLead, addRow, type Columns, rowsOf } from "../../helpers/crm.ts";
import { useDatabase } from "../../helpers/database.ts";
import { runInProcess } from "../../helpers/script.ts";
import { inPagesOf } from "./pages.ts";

const db = useDatabase();

const PHONE = "+1 (555) 010-0001";
const DIGITS = "15550100001";
const LONG = "7".repeat(10_000);
const HUGE = "p".repeat(1 << 20);

const addJob = (columns: Columns): Promise<string> => addRow(db, "Job", columns);

/** Messenger id, phone and e-mail of a lead. */
type Known = readonly [psid?: string | null, phone?: string | null, email?: string];

/** What leads know, how many customers they make together, and the kind of key of the oldest. */
// biome-ignore format: a table
const CASES: readonly (readonly [what: string, leads: readonly Known[], customers: number, groupType: string])[] = [
  ["one psid", [["p"], ["p"]], 1, "psid"],
  ["two psids with one phone", [["p", PHONE], ["q", PHONE]], 2, "psid"],
  ["psids that differ by a blank", [["p"], ["p "]], 2, "psid"],
  ["psids that differ by case", [["p"], ["P"]], 2, "psid"],
  ["a blank psid and a phone", [[" \t", PHONE], ["", DIGITS]], 1, "phone"],
  ["one phone in two formats", [[null, PHONE], [null, "1.555.010.0001"]], 1, "phone"],
  ["a phone of ten digits", [[null, "555-010-0001"]], 1, "phone"],
  ["a phone of nine digits", [[null, "555-010-000"], [null, "555-010-000"]], 2, "none"],
  ["a phone of nine digits and an e-mail", [[null, "555010000", "a@b"], [null, null, "a@b"]], 1, "email"],
  ["digits of another script", [[null, "١٢٣٤٥٦٧٨٩٠"]], 1, "none"],
  ["one phone and two e-mails", [[null, PHONE, "a@b"], [null, PHONE, "c@d"]], 1, "phone"],
  ["one e-mail and two phones", [[null, PHONE, "a@b"], [null, "5550100002", "a@b"]], 2, "phone"],
  ["one e-mail in two cases", [[null, null, " Ada@Example.ORG\n"], [null, null, "ada@example.org"]], 1, "email"],
  ["an e-mail without @", [[null, null, "ada"], [null, null, "ada"]], 2, "none"],
  ["nothing at all", [[], []], 2, "none"],
  ["a psid lead, and a phone lead with its phone", [["p", PHONE], [null, DIGITS]], 1, "psid"],
  ["a psid lead, and an e-mail lead with its e-mail", [["p", null, "a@b"], [null, null, "A@B"]], 1, "psid"],
  ["a phone lead, and an e-mail lead with its e-mail", [[null, PHONE, "a@b"], [null, null, "A@B"]], 1, "phone"],
  ["a phone lead with the first e-mail of a psid group", [["p", null, "a@b"], [null, PHONE, "a@b"]], 1, "psid"],
  ["a phone lead with its second", [["p", null, "a@b"], ["p", null, "c@d"], [null, PHONE, "c@d"]], 2, "psid"],
  ["a psid of a megabyte", [[HUGE], [HUGE]], 1, "psid"],
  ["a phone of 10,000 digits", [[null, LONG], [null, `+${LONG}`]], 1, "phone"],
];

test.each(CASES)("%s", async (_what, leads, customers, groupType) => {
  for (const [second, [messenger_psid, phone, email]] of leads.entries())
    await addLead(db, { messenger_psid, phone, email, created_at: new Date(Date.UTC(2025, 0, 1, 0, 0, second)) });
  const dry = await runInProcess(batch, db, ["--dry-run"]);
  const { document, exitCode } = await runInProcess(inPagesOf(1), db);
  expect(exitCode).toBe(0);
  expect(document.stats).toMatchObject({ customersCreated: customers, leadsLinked: leads.length, errors: 0 });
  expect(dry.document.stats).toEqual(document.stats);
  const made = await rowsOf(db, "Customer");
  expect(made).toHaveLength(customers);
  expect(made[0]?.metadata.groupType).toBe(groupType);
  expect(new Set((await rowsOf(db, "Lead")).map(({ customer_id }) => customer_id)).size).toBe(customers);
});

test("a customer that is made takes the oldest name, phone and e-mail that its leads have, and their earliest time", async () => {
  await addLead(db, { messenger_psid: "p", name: " ", created_at: "2025-01-01T00:00:00.000001Z" });
  await addLead(db, { messenger_psid: "p", name: "Grace", phone: "1", email: " G@H ", created_at: "2025-01-02Z" });
  await addLead(db, { messenger_psid: "p", name: "Ada", phone: PHONE, email: "a@b", created_at: "2025-01-03Z" });
  const { document } = await runInProcess(batch, db);
  const { rows } = await db.query('select *, created_at::text as made, updated_at::text as changed from "Customer"');
  expect(rows).toEqual([
    expect.objectContaining({
      name: "Grace",
      phone: DIGITS,
      email: "g@h",
      metadata: {
        source: "lead_backfill",
        groupType: "psid",
        leadCount: 3,
        createdBy: "backfill-customers.ts",
        runId: document.runId,
      },
    }),
  ]);
  expect(rows[0]?.made).toMatch(/00:00:00\.000001|:00\.000001/);
  expect(rows[0]?.changed).toBe(rows[0]?.made);
});

test.each([
  ['Robert\'); drop table "Customer";--'],
  ["\\'; \\set x\n:groups $1 :quarantined"],
  [`😀\u202e\u0001 ${"x".repeat(100_000)}`],
])("a hostile name is stored as it stands, case %#", async (name) => {
  await addLead(db, { name, messenger_psid: name });
  await runInProcess(batch, db, ["--verbose"]);
  expect((await rowsOf(db, "Customer")).map((customer) => customer.name)).toEqual([name]);
});

test("a lead that came in behind the checkpoint is left for the next run, and the dry run knows", async () => {
  for (let n = 0; n < 8; n += 1) await addLead(db, { messenger_psid: `psid ${n}` });
  await runInProcess(batch, db, ["--limit", "7"]);
  for (let n = 0; n < 4; n += 1) {
    const lead = await addLead(db, { messenger_psid: `late ${n}`, phone: `555010000${n}` });
    await addJob({ lead_id: lead });
    await addLead(db, { phone: `555010000${n}` });
  }
  const dry = await runInProcess(batch, db, ["--dry-run"]);
  const { document } = await runInProcess(batch, db);
  expect(document.skipped.noCustomer).toBeGreaterThan(0);
  expect(dry.document.stats).toEqual(document.stats);
  expect(dry.document.skipped).toEqual(document.skipped);
});

test("jobs take their lead's customer; those that have one keep it; those without a lead are skipped", async () => {
  const mine = await addCustomer(db);
  const linked = await addLead(db, { messenger_psid: "p", customer_id: mine });
  const fresh = await addLead(db, { messenger_psid: "q" });
  const other = await addCustomer(db);
  const jobs = [
    await addJob({ lead_id: linked }),
    await addJob({ lead_id: fresh }),
    await addJob({ lead_id: fresh, customer_id: other }),
    await addJob({ status: "new" }),
    await addJob({ customer_id: mine }),
  ];
  const dry = await runInProcess(batch, db, ["--dry-run"]);
  const { document, exitCode } = await runInProcess(inPagesOf(2), db);
  expect(document.stats).toMatchObject({ jobsLinked: 2, jobsAlreadyLinked: 2, leadsLinked: 1, leadsAlreadyLinked: 1 });
  expect(document.skipped).toEqual({ noCustomer: 1 });
  expect(dry.document).toMatchObject({ stats: document.stats, skipped: document.skipped });
  expect(exitCode).toBe(0);
  const made = (await rowsOf(db, "Lead")).find(({ id }) => id === fresh)?.customer_id;
  const rows = await rowsOf(db, "Job");
  expect(jobs.map((job) => rows.find(({ id }) => id === job)?.customer_id)).toEqual([mine, made, other, null, mine]);
});

test("--limit counts leads and takes groups whole, however pages are cut", async () => {
  for (const [group, leads] of [5, 4, 3, 2, 1, 1, 2, 3].entries())
    for (let n = 0; n < leads; n += 1) await addLead(db, { messenger_psid: `psid ${group}` });
  for (const limit of ["4", "3", "9"]) {
    const dry = await runInProcess(batch, db, ["--dry-run", "--limit", limit]);
    const { document } = await runInProcess(inPagesOf(2), db, ["--limit", limit]);
    expect(dry.document.stats).toEqual(document.stats);
    expect(document.stats.leadsLinked).toBeGreaterThanOrEqual(Number(limit));
  }
});

test("a run on a database without leads and jobs succeeds", async () => {
  expect(await runInProcess(batch, db)).toMatchObject({ exitCode: 0, document: { stats: { leadsLinked: 0 } } });
});
