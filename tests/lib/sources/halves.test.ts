import { expect, test } from "@jest/globals";
import { withDatabase } from "../../../scripts/lib/db/database.ts";
import { FIRST_UUID, LAST_UUID } from "../../../scripts/lib/db/uuids.ts";
import { cutRange, endOf, halveRange, startOf } from "../../../scripts/lib/sources/audit-log.ts";
import { cutGroups, halveIds } from "../../../scripts/lib/sources/lead-groups.ts";
import { addAudit, addAudits } from "../../helpers/audits.ts";
import { addLead } from "../../helpers/crm.ts";
import { useDatabase } from "../../helpers/database.ts";

const db = useDatabase();
const ACTORS = ["customer"];

test("the halves of a range of audits reach its end, also when audits have come into it since it was cut", async () => {
  const leads = [await addLead(db), await addLead(db)].sort();
  for (const lead of leads) await addAudits(db, lead, 10);
  await withDatabase(db.address, {}, async (pool) => {
    const range = await cutRange(pool, { after: startOf(), until: endOf() }, 20);
    if (range === undefined) throw new Error("There is no range.");
    for (let n = 0; n < 5; n += 1) await addAudit(db, leads[0] ?? "");
    const halves = await halveRange(pool, range, ACTORS);
    expect(halves.map(({ size }) => size)).toEqual([12, 13]);
    expect(halves[0]?.after).toEqual(range.after);
    expect(halves[1]?.after).toEqual(halves[0]?.until);
    expect([halves[1]?.until, halves[1]?.cursor]).toEqual([range.until, range.cursor]);
  });
});

test("the one audit that counts in a range is left alone with its key, and the range's end", async () => {
  const lead = await addLead(db);
  const counts = await addAudit(db, lead, { actor: "customer" });
  for (let n = 0; n < 3; n += 1) await addAudit(db, lead, { actor: "bot" });
  await withDatabase(db.address, {}, async (pool) => {
    const range = await cutRange(pool, { after: startOf(), until: endOf() }, 10);
    if (range === undefined) throw new Error("There is no range.");
    expect(await halveRange(pool, range, ACTORS)).toMatchObject([{ size: 1, key: counts, until: range.until }]);
  });
});

test("a range of groups of which only one is left is that one, with its key", async () => {
  for (const messenger_psid of ["a", "b"]) await addLead(db, { messenger_psid });
  await withDatabase(db.address, {}, async (pool) => {
    const range = await cutGroups(pool, { pass: 1, after: FIRST_UUID, until: LAST_UUID }, 10);
    if (range === undefined) throw new Error("There is no range.");
    expect(range.size).toBe(2);
    await db.query(
      `update "Lead" set messenger_psid = null where crm_uuid('lead_backfill', 'psid:' || messenger_psid) <> $1`,
      [range.until],
    );
    expect(await halveIds(pool, range)).toMatchObject([{ size: 1, key: `group:${range.until}`, until: range.until }]);
  });
});
