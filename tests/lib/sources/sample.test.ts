import { expect, test } from "@jest/globals";
import { withDatabase } from "../../../scripts/lib/db/database.ts";
import { divideAudits } from "../../../scripts/lib/sources/audit-totals.ts";
import { spanOfPass } from "../../../scripts/lib/sources/lead-groups.ts";
import { divideIds } from "../../../scripts/lib/sources/lead-totals.ts";
import { addAudits, addBusyLeads } from "../../helpers/audits.ts";
import { addLead } from "../../helpers/crm.ts";
import { useDatabase } from "../../helpers/database.ts";

const db = useDatabase();
const ACTORS = ["customer", "agent"];
const ALL = { after: null, until: null };

const divide = (parts: number, items: number) =>
  withDatabase(db.address, {}, (pool) => divideAudits(pool, ALL, ACTORS, parts, items));

/** How many audits lie in each of the stretches that the cuts make. */
async function sizesOf(cuts: readonly object[]): Promise<number[]> {
  const leads = cuts.map((cut) => (cut as { leadId: string }).leadId);
  const { rows } = await db.query<{ count: number }>(
    `select count(*)::int from "Audit" group by width_bucket(lead_id::text, $1::text[]) order by min(lead_id::text)`,
    [leads.map((lead) => `${lead}!`)],
  );
  return rows.map(({ count }) => count);
}

test.each([2, 3, 4])(
  "a log is cut into %d stretches of about the same length, each at the end of a lead",
  async (parts) => {
    await addBusyLeads(db, 100, 12);
    const cuts = await divide(parts, 10);
    expect(cuts).toHaveLength(parts - 1);
    const { rows } = await db.query<{ lead_id: string }>('select distinct lead_id from "Audit"');
    const leads = new Set(rows.map(({ lead_id }) => lead_id));
    for (const cut of cuts) expect([leads.has(String(cut.leadId)), cut.createdAt]).toEqual([true, "infinity"]);
    const sizes = await sizesOf(cuts);
    expect(sizes).toHaveLength(parts);
    for (const size of sizes) expect(Math.abs(size - 1200 / parts)).toBeLessThanOrEqual(12);
  },
);

test("what holds less than a page for each is cut into fewer stretches, or not at all", async () => {
  await addBusyLeads(db, 30, 10);
  expect(await divide(4, 100)).toHaveLength(2);
  expect(await divide(4, 200)).toEqual([]);
});

test("one lead is never cut, however much it says", async () => {
  await addAudits(db, await addLead(db), 500);
  expect(await divide(2, 10)).toEqual([]);
});

test("groups and jobs are cut within their pass", async () => {
  for (let n = 0; n < 40; n += 1) await addLead(db, { messenger_psid: `psid ${n}` });
  await db.query(`insert into "Job" (lead_id) select id from "Lead"`);
  await withDatabase(db.address, {}, async (pool) => {
    expect(await divideIds(pool, spanOfPass(1), 2, 10)).toMatchObject([{ pass: 1 }]);
    expect(await divideIds(pool, spanOfPass(2), 2, 10)).toEqual([]);
    expect(await divideIds(pool, spanOfPass(5), 4, 10)).toHaveLength(3);
  });
});
