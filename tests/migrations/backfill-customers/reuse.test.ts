import { expect, test } from "@jest/globals";
import batch from "../../../scripts/migrations/backfill-customers.ts";
import { addCustomer, addLead, countRows, rowsOf } from "../../helpers/crm.ts";
import { useDatabase } from "../../helpers/database.ts";
import { runInProcess } from "../../helpers/script.ts";
import { inPagesOf } from "./pages.ts";

const db = useDatabase();

const PHONE = "+1 (555) 010-0001";
const DIGITS = "15550100001";

const customersOfLeads = async () => (await rowsOf(db, "Lead")).map(({ customer_id }) => customer_id as string | null);

const older = { created_at: "2024-01-01Z" };
const newer = { created_at: "2024-02-01Z" };

test("the oldest wins: of a lead's customer and those with its phone or e-mail", async () => {
  const [byEmail, ofLead, byPhone] = [
    await addCustomer(db, { email: "a@b", ...older }),
    await addCustomer(db, newer),
    await addCustomer(db, { phone: DIGITS, created_at: "2024-01-15Z" }),
  ];
  await addLead(db, { messenger_psid: "p", customer_id: ofLead });
  const lead = await addLead(db, { messenger_psid: "p", phone: PHONE, email: "A@B" });
  const { document } = await runInProcess(batch, db);
  expect(document.stats).toMatchObject({
    customersReused: 1,
    customersCreated: 0,
    leadsLinked: 1,
    leadsAlreadyLinked: 1,
  });
  const { rows } = await db.query('select customer_id from "Lead" where id = $1', [lead]);
  expect(rows).toEqual([{ customer_id: byEmail }]);
  expect(byPhone).not.toBe(ofLead);
});

test("of two equally old the smaller id wins", async () => {
  const ids = [await addCustomer(db, { phone: DIGITS, ...older }), await addCustomer(db, { phone: DIGITS, ...older })];
  await addLead(db, { phone: PHONE });
  await runInProcess(batch, db);
  expect(await customersOfLeads()).toEqual([ids.sort()[0]]);
});

test("a customer that a lead of another kind with the same phone has is taken", async () => {
  const customer = await addCustomer(db);
  await addLead(db, { messenger_psid: "p", phone: PHONE, customer_id: customer });
  await addLead(db, { phone: DIGITS });
  await runInProcess(batch, db);
  expect(await customersOfLeads()).toEqual([customer, customer]);
});

test("a customer's phone counts as it stands in digits, its e-mail in lower case", async () => {
  await addCustomer(db, { phone: PHONE, email: "A@B" });
  await addLead(db, { phone: PHONE, email: "A@B" });
  const { document } = await runInProcess(batch, db);
  expect(document.stats).toMatchObject({ customersCreated: 1 });
});

test("customers that the same pass makes are not seen, wherever a page or a run ends; those of earlier passes are", async () => {
  for (const messenger_psid of ["a", "b", "c", "d"]) await addLead(db, { messenger_psid, phone: PHONE, email: "a@b" });
  await addLead(db, { phone: DIGITS, created_at: "2025-02-01Z" });
  await addLead(db, { email: "a@b", created_at: "2025-03-01Z" });
  for (let left = 6; left > 0; left -= 1) {
    const dry = await runInProcess(batch, db, ["--limit", "1", "--dry-run"]);
    const { document } = await runInProcess(inPagesOf(1), db, ["--limit", "1"]);
    expect(dry.document.stats).toEqual(document.stats);
  }
  expect(await countRows(db, "Customer")).toBe(4);
  const linked = await customersOfLeads();
  expect(new Set(linked.slice(0, 4)).size).toBe(4);
  const { rows } = await db.query('select id from "Customer" order by created_at, id limit 1');
  expect(linked.slice(4)).toEqual([rows[0]?.id, rows[0]?.id]);
});

test("a dry run at a checkpoint knows which e-mail a psid group brings, though its phone has a customer of this run", async () => {
  const { rows } = await db.query<{ psid: string }>(
    "select psid from unnest(array['a', 'b']) psid order by crm_uuid('lead_backfill', 'psid:' || psid)",
  );
  const [first, second] = rows.map(({ psid }) => psid);
  await addLead(db, { messenger_psid: first, phone: PHONE });
  await addLead(db, { messenger_psid: second, phone: PHONE, email: "a@b" });
  await addLead(db, { phone: "5550100002", email: "a@b" });
  await runInProcess(batch, db, ["--limit", "1"]);
  const dry = await runInProcess(batch, db, ["--dry-run"]);
  const { document } = await runInProcess(batch, db);
  expect(document.stats).toMatchObject({ customersCreated: 1, customersReused: 1 });
  expect(dry.document.stats).toEqual(document.stats);
});

test("customers that an earlier run made in the same pass are seen", async () => {
  await addLead(db, { messenger_psid: "a", phone: PHONE });
  await runInProcess(batch, db);
  await addLead(db, { messenger_psid: "b", phone: PHONE });
  const { document } = await runInProcess(batch, db);
  expect(document.stats).toMatchObject({ customersCreated: 0, customersReused: 1, leadsAlreadyLinked: 1 });
});

test("a customer that the batch made, and whose leads were set free since, is taken again", async () => {
  await addLead(db, { messenger_psid: "a" });
  await runInProcess(batch, db);
  const before = await customersOfLeads();
  await db.query('update "Lead" set customer_id = null');
  const { document, exitCode } = await runInProcess(batch, db);
  expect(document.stats).toMatchObject({ customersCreated: 0, customersReused: 1, errors: 0 });
  expect(exitCode).toBe(0);
  expect(await customersOfLeads()).toEqual(before);
});
