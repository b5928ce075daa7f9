import { expect, test } from "@jest/globals";
import { makeCrm } from "../../scripts/lib/demo/crm.ts";
import { dropDemo, withDemo } from "./demo-database.ts";
import { runAlone, runProcess } from "./run-process.ts";

const DATABASE = "crm_demo";
const ELSEWHERE = "postgresql://nobody:secret@127.0.0.1:1/elsewhere";

/** The server of the tests; what DATABASE_URL names must not matter. */
const env = { TEST_DATABASE_URL: process.env.TEST_ADMIN_URL ?? "", DATABASE_URL: ELSEWHERE, DIRECT_URL: ELSEWHERE };

test("The demo plays every act, ignores DATABASE_URL, and leaves its database to be looked at", async () => {
  const { code, out, err } = await runAlone("demo", [], env);
  expect({ code, err }).toEqual({ code: 0, err: "" });
  expect(out.match(/^=== \d+\. .*$/gm)).toHaveLength(11);
  expect(out).toContain("The run did what its dry run had said, counter by counter.");
  expect(out).toContain("pets: 1 kind: кошка; 1 name: Муся");
  expect(out).toContain("found with the index Message_content_fts_ru_idx");
  expect(out).not.toContain("elsewhere");

  await withDemo(env.TEST_DATABASE_URL, DATABASE, async (client) => {
    // One is connected: the next demo may not drop the database from under them.
    const refused = await runProcess("demo", [], env);
    expect(refused).toMatchObject({ code: 75, err: expect.stringContaining("connected to the database crm_demo") });
    const { rows } = await client.query(`select count(*)::int > 4000 as many from "Message"`);
    expect(rows).toEqual([{ many: true }]);
    const notes = await client.query(
      `select count(*)::int > 500 as many, bool_or(content like '%made-up-%') as secrets from "MemoryNote"`,
    );
    expect(notes.rows).toEqual([{ many: true, secrets: false }]);
  });
  await dropDemo(env.TEST_DATABASE_URL, DATABASE);
});

test("The made-up CRM is the same each time, and holds what makes a migration hard", () => {
  const crm = makeCrm();
  expect(makeCrm()).toEqual(crm);
  const known = new Set(crm.leads.map(({ id }) => id));
  const phones = crm.leads.flatMap(({ phone }) => phone?.replace(/\D/g, "") ?? []);
  expect(new Set(phones).size).toBeLessThan(phones.length);
  expect(crm.audits.some(({ leadId }) => leadId === null)).toBe(true);
  expect(crm.audits.some(({ leadId }) => leadId !== null && !known.has(leadId))).toBe(true);
  expect(crm.audits.some(({ payload }) => typeof payload !== "object")).toBe(true);
  expect(crm.leads.some(({ name }) => /[а-я]/i.test(name ?? ""))).toBe(true);
  expect(crm.leads.some(({ name }) => /[a-z]/i.test(name ?? ""))).toBe(true);
});

test("An unknown option exits 2 before anything is dropped", async () => {
  const { code, out, err } = await runProcess("demo", ["--database", "crm"], env);
  expect({ code, out }).toEqual({ code: 2, out: "" });
  expect(err.trim().split("\n")).toHaveLength(1);
});
