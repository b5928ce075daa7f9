import { expect, test } from "@jest/globals";
import batch from "../../../scripts/migrations/backfill-customers.ts";
import { addCustomer, addLead, addRow, rowsOf } from "../../helpers/crm.ts";
import { useDatabase } from "../../helpers/database.ts";
import { runInProcess } from "../../helpers/script.ts";

const db = useDatabase();

/** Refuses writes to a table where the condition holds for the new row. */
const refuse = async (table: string, event: string, condition: string) => {
  await db.query(`create or replace function refuse() returns trigger language plpgsql as $$
                  begin raise exception 'not this one'; end $$`);
  await db.query(`create trigger refuse before ${event} on "${table}"
                    for each row when (${condition}) execute function refuse()`);
};

const allow = (table: string) => db.query(`drop trigger refuse on "${table}"`);

const groupOf = async (key: string) =>
  `group:${(await db.query<{ id: string }>("select crm_uuid('lead_backfill', $1) as id", [key])).rows[0]?.id}`;

const unlinked = async (table: string) =>
  (await rowsOf(db, table)).filter(({ customer_id }) => customer_id === null).map(({ id }) => id);

test("groups whose customer a unique index refuses are quarantined, the others stored", async () => {
  const leads: string[] = [];
  for (let n = 0; n < 40; n += 1)
    leads.push(await addLead(db, { messenger_psid: `psid ${n}`, phone: n < 3 ? "5550100001" : `55502000${n + 10}` }));
  await db.query('create unique index on "Customer" (phone)');
  const { document, exitCode } = await runInProcess(batch, db);
  // One of the three is stored, whichever came first.
  const left = await unlinked("Lead");
  expect(left).toHaveLength(2);
  expect(document.errors.map(({ key, code }) => [key, code]).sort()).toEqual(
    (await Promise.all(left.map((id) => groupOf(`psid:psid ${leads.indexOf(id)}`))))
      .sort()
      .map((key) => [key, "23505"]),
  );
  expect(document).toMatchObject({ status: "completed_with_errors", stats: { leadsLinked: 38, errors: 2 } });
  expect(exitCode).toBe(1);
});

test.each([
  { table: "Customer", event: "insert", what: "its customer" },
  { table: "Lead", event: "update of customer_id", what: "one of its leads" },
])("a group is quarantined whole where $what is refused, and its jobs have no customer", async ({ table, event }) => {
  for (const name of ["bad", "fine", "fine"])
    await addRow(db, "Job", {
      lead_id: await addLead(db, { name, messenger_psid: `${name} psid`, phone: "5550100001" }),
    });
  await addLead(db, { name: "fine", messenger_psid: "bad psid", created_at: "2026-01-01Z" });
  await refuse(table, event, "new.name = 'bad'");
  const { document, exitCode } = await runInProcess(batch, db);
  expect(document.errors).toEqual([
    { key: await groupOf("psid:bad psid"), code: "P0001", message: expect.stringContaining("not this one") },
  ]);
  expect(document.stats).toMatchObject({ customersCreated: 1, leadsLinked: 2, jobsLinked: 2, errors: 1 });
  expect(document.skipped).toEqual({ noCustomer: 1 });
  expect(exitCode).toBe(1);
  expect(await unlinked("Lead")).toHaveLength(2);
});

test("a job that is refused is quarantined alone", async () => {
  const lead = await addLead(db);
  const jobs: string[] = [];
  for (const status of ["new", "bad", "new"]) jobs.push(await addRow(db, "Job", { lead_id: lead, status }));
  await refuse("Job", "update", "new.status = 'bad'");
  const { document } = await runInProcess(batch, db);
  expect(document.errors.map(({ key }) => key)).toEqual([`job:${jobs[1]}`]);
  expect(document.stats).toMatchObject({ leadsLinked: 1, jobsLinked: 2, errors: 1 });
});

test("an item in quarantine is left alone until --retry-errors, whose dry run foretells it", async () => {
  const psid = await addLead(db, { name: "bad", messenger_psid: "p", phone: "5550100001", email: "a@b" });
  await addRow(db, "Job", { lead_id: psid });
  await addRow(db, "Job", { lead_id: await addLead(db, { name: "bad", phone: "5550100001" }) });
  await addLead(db, { name: "bad", email: "a@b" });
  await refuse("Customer", "insert", "new.name = 'bad'");
  const first = await runInProcess(batch, db);
  expect(first.document).toMatchObject({ stats: { leadsLinked: 0, errors: 3 }, skipped: { noCustomer: 2 } });
  await allow("Customer");
  const dryAgain = await runInProcess(batch, db, ["--dry-run"]);
  const again = await runInProcess(batch, db);
  expect(again).toMatchObject({ exitCode: 1, document: { stats: { leadsLinked: 0, errors: 3 } } });
  expect(dryAgain.document).toMatchObject({ stats: again.document.stats, skipped: again.document.skipped });
  const dry = await runInProcess(batch, db, ["--retry-errors", "--dry-run"]);
  const retried = await runInProcess(batch, db, ["--retry-errors"]);
  expect(retried.document.stats).toMatchObject({ customersCreated: 1, customersReused: 2, leadsLinked: 3, errors: 0 });
  expect(dry).toMatchObject({ exitCode: 0, document: { stats: retried.document.stats } });
  expect(await runInProcess(batch, db)).toMatchObject({
    exitCode: 0,
    document: { stats: { jobsLinked: 2, errors: 0 } },
  });
  expect(await rowsOf(db, "Customer")).toHaveLength(1);
});

test.each([
  { what: "finds no customer where only its lead could bring one", second: "fine", linked: 0 },
  { what: "takes the customer of its lead's group, where that is retried first", second: "bad", linked: 1 },
])("a job that is tried again $what", async ({ second, linked }) => {
  const mine = await addCustomer(db);
  const lead = await addLead(db, { messenger_psid: "p", customer_id: mine });
  await addLead(db, { messenger_psid: "p", name: second });
  await addRow(db, "Job", { lead_id: lead, status: "bad" });
  await refuse("Job", "update", "new.status = 'bad'");
  await db.query(`create trigger refuse before update on "Lead"
                    for each row when (new.name = 'bad') execute function refuse()`);
  await runInProcess(batch, db);
  await allow("Job");
  await allow("Lead");
  await db.query('update "Lead" set customer_id = null where id = $1', [lead]);
  const dry = await runInProcess(batch, db, ["--retry-errors", "--dry-run"]);
  const retried = await runInProcess(batch, db, ["--retry-errors"]);
  expect(retried.document.stats).toMatchObject({ leadsLinked: 2 * linked, jobsLinked: linked, errors: 0 });
  expect(dry.document).toMatchObject({ stats: retried.document.stats, skipped: retried.document.skipped });
  await runInProcess(batch, db);
  expect([await unlinked("Lead"), await unlinked("Job")]).toEqual([[], []]);
});

test("--retry-errors lets go of a group or a job that is gone", async () => {
  const lead = await addLead(db, { messenger_psid: "p", name: "bad" });
  const job = await addRow(db, "Job", { lead_id: await addLead(db), status: "bad" });
  await refuse("Customer", "insert", "new.name = 'bad'");
  await db.query(`create trigger refuse before update on "Job"
                    for each row when (new.status = 'bad') execute function refuse()`);
  expect((await runInProcess(batch, db)).document.stats).toMatchObject({ errors: 2 });
  await db.query('delete from "Job" where id = $1', [job]);
  await db.query('update "Lead" set messenger_psid = $2 where id = $1', [lead, "another"]);
  const { document, exitCode } = await runInProcess(batch, db, ["--retry-errors"]);
  expect(document.stats).toMatchObject({ errors: 0 });
  expect(exitCode).toBe(0);
});
