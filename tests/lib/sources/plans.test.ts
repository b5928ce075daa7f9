/** On tables of a size at which PostgreSQL prefers an index, each query for a range uses one, and reads little more than its rows. */
import { beforeEach, expect, test } from "@jest/globals";
import { type Database, type Queryable, withDatabase } from "../../../scripts/lib/db/database.ts";
import { FIRST_UUID, LAST_UUID } from "../../../scripts/lib/db/uuids.ts";
import { cutRange, endOf, halveRange, rangesOfAudits, startOf } from "../../../scripts/lib/sources/audit-log.ts";
import { leadsWithin } from "../../../scripts/lib/sources/audit-totals.ts";
import { cutGroups, cutJobs, halveIds } from "../../../scripts/lib/sources/lead-groups.ts";
import { addBusyLeads } from "../../helpers/audits.ts";
import { useDatabase } from "../../helpers/database.ts";

const db = useDatabase();
const ACTORS = ["customer", "agent"];

interface Plan {
  readonly "Node Type": string;
  readonly "Relation Name"?: string;
  readonly "Actual Rows": number;
  readonly "Actual Loops": number;
  readonly Plans?: readonly Plan[];
}

const nodesOf = (plan: Plan): Plan[] => [plan, ...(plan.Plans ?? []).flatMap(nodesOf)];

/** Answers as the database does, and keeps the scans of tables that each query made. */
function spyOn(pool: Database): { readonly tx: Queryable; readonly scans: Plan[] } {
  const scans: Plan[] = [];
  const query: Queryable["query"] = async (sql, values) => {
    const { rows } = await pool.query(`explain (analyze, format json) ${sql}`, values);
    scans.push(...nodesOf(rows[0]?.["QUERY PLAN"][0].Plan).filter((node) => node["Relation Name"] !== undefined));
    return pool.query(sql, values);
  };
  return { tx: { query }, scans };
}

/** Runs `ask`, and expects that it looked only into indexes, at no more rows than that. */
const readsLittle = (ask: (tx: Queryable) => Promise<unknown>, most: number) =>
  withDatabase(db.address, {}, async (pool) => {
    const { tx, scans } = spyOn(pool);
    await ask(tx);
    expect(scans.length).toBeGreaterThan(0);
    expect(scans.map((scan) => scan["Node Type"])).not.toContain("Seq Scan");
    for (const scan of scans) expect(scan["Actual Rows"] * scan["Actual Loops"]).toBeLessThanOrEqual(most);
  });

const EVERYTHING = { after: startOf(), until: endOf() };
/** From the middle of the log on. */
const HALF = { after: startOf("80000000-0000-0000-0000-000000000000"), until: endOf() };

beforeEach(async () => {
  await addBusyLeads(db, 600, 50);
  await db.query(`insert into "Job" (lead_id) select id from "Lead" cross join generate_series(1, 20)`);
  await db.query("vacuum analyze");
});

test.each([EVERYTHING, HALF])("a page of audits is cut by the index, wherever it begins", (bounds) =>
  readsLittle((tx) => cutRange(tx, bounds, 500), 500),
);

test("so is a page of some actors, a half of a page, and the audits of a list", async () => {
  await readsLittle((tx) => cutRange(tx, HALF, 500, ACTORS), 500);
  await readsLittle(async (tx) => {
    const range = await cutRange(tx, HALF, 400);
    if (range === undefined) throw new Error("There is no range.");
    return halveRange(tx, range, ACTORS);
  }, 400);
  const { rows } = await db.query<{ id: string }>('select id from "Audit" limit 30');
  const ids = rows.map(({ id }) => id);
  await readsLittle(async (tx) => {
    for await (const _ of rangesOfAudits(tx, ids, 10));
  }, 30);
});

test("the leads of --limit are found without reading more than theirs", () =>
  readsLittle((tx) => leadsWithin(tx, HALF, ACTORS, 5), 6 * 50 + 1));

test("a page of groups is cut by the index, and so are its halves", async () => {
  const stretch = { pass: 2, after: FIRST_UUID, until: LAST_UUID };
  await readsLittle((tx) => cutGroups(tx, stretch, 20), 21);
  await readsLittle(async (tx) => {
    const range = await cutGroups(tx, stretch, 20);
    if (range === undefined) throw new Error("There is no range.");
    return halveIds(tx, range);
  }, 21);
});

test("a page of jobs is cut by the index", () =>
  readsLittle((tx) => cutJobs(tx, { after: FIRST_UUID, until: LAST_UUID }, 100), 100));
