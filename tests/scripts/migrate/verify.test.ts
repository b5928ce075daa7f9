import { beforeEach, describe, expect, test } from "@jest/globals";
import conversations from "../../../scripts/migrations/backfill-conversations-messages.ts";
import customers from "../../../scripts/migrations/backfill-customers.ts";
import { addAudit, addBusyLeads } from "../../helpers/audits.ts";
import { addLead } from "../../helpers/crm.ts";
import { useDatabase } from "../../helpers/database.ts";
import { runInProcess, startFile } from "../../helpers/script.ts";
import { deskOn } from "./desk.ts";

const WIDEST = 80;

const batchesOf = (done: { json: { batches: { batch: number }[] } }) => done.json.batches.map(({ batch }) => batch);

const resultsOf = (done: {
  json: { batches: { batch: number; checks: { name: string; result: string; count: number }[] }[] };
}) =>
  done.json.batches.flatMap(({ batch, checks }) =>
    checks.filter(({ result }) => result !== "ok").map(({ name, result, count }) => [batch, name, result, count]),
  );

describe("On a database with batches 1 to 4", () => {
  const db = useDatabase();

  beforeEach(async () => {
    await addBusyLeads(db, 3, 2);
    await runInProcess(customers, db);
    await runInProcess(conversations, db);
  });

  test("all that is applied holds, and nothing is changed", async () => {
    const before = await db.snapshot();
    const done = await deskOn(db)("verify");
    expect([done.exitCode, done.stderr]).toEqual([0, ""]);
    expect(done.lines.filter((line) => line.startsWith("Batch"))).toEqual([
      expect.stringMatching(/^Batch 1, create-schema: (\d+) of \1 checks hold$/),
      expect.stringMatching(/^Batch 2, add-fts-indexes: 1 of 1 checks hold$/),
      expect.stringMatching(/^Batch 3, backfill-customers: (\d+) of \1 checks hold$/),
      expect.stringMatching(/^Batch 4, backfill-conversations-messages: (\d+) of \1 checks hold$/),
    ]);
    expect(done.lines).toContain("  ok       roles follow from the actors");
    expect(done.lines).toContain("  ok       the CRM's tables are there, each with a primary key");
    expect(done.stdout).toContain("Not applied: 5 (backfill-memory-notes), 6 ");
    expect(done.lines.at(-1)).toMatch(/^In all (\d+) of \1 checks hold\.$/);
    expect(done.lines.filter((line) => [...line].length > WIDEST)).toEqual([]);
    expect(await db.snapshot()).toEqual(before);
  });

  test("damage is a failure: its rows are shown with their keys, as many as asked for", async () => {
    await db.query(`update "Message" set role = 'tool', content = 'very secret'`);
    const { rows } = await db.query<{ id: string }>('select id from "Message"');
    const done = await deskOn(db)("verify", "4", "--sample", "4");
    expect(done.exitCode).toBe(1);
    expect(done.stdout).toContain("  FAILED   roles follow from the actors: 6\n");
    expect(done.stdout).toMatch(/^ {11}message_id {28}role {2}actor$/m);
    expect(done.stdout.match(/^ {11}[0-9a-f-]{36} {2}tool {2}(agent|customer)$/gm)).toHaveLength(4);
    expect(rows.filter(({ id }) => done.stdout.includes(id))).toHaveLength(4);
    expect(done.stdout).toContain("           and 2 more\n");
    expect(done.stdout).not.toContain("very secret");
    expect(done.lines.filter((line) => [...line].length > WIDEST)).toEqual([]);
  });

  test("a warning is told apart, and the exit code stays 0", async () => {
    await db.query(`insert into "Job" default values`);
    const done = await deskOn(db, { json: true })("verify", "4");
    expect([done.exitCode, resultsOf(done)]).toEqual([0, [[4, "coverage: jobs with a customer", "warning", 1]]]);
    expect(done.json.batches[0].checks.at(-2).rows).toEqual([{ covered: "0", jobs: "1", percent: "0.0" }]);
    expect(done.stderr).toContain("  warning  coverage: jobs with a customer: 1\n");
    expect(done.stderr).toMatch(/(\d+) of \1 checks hold, 1 with a warning/);
  });

  test("a check that could not run has failed", async () => {
    await db.query("drop function crm_audit_text(text, jsonb) cascade");
    const done = await deskOn(db, { json: true })("verify", "4");
    expect(done.exitCode).toBe(1);
    expect(resultsOf(done)).toEqual([[4, "every audit that counts has its message, or a reason", "COULD NOT RUN", 0]]);
    expect(done.stderr).toMatch(/^ {2}COULD NOT RUN\n {11}every audit that counts has its message, or a reason:/m);
  });

  test.each([
    [
      ["4", "3"],
      [3, 4],
    ],
    [
      ["1,2", "4"],
      [1, 2, 4],
    ],
  ])("batches are named as words or as a list: %j", async (words, batches) => {
    const done = await deskOn(db, { json: true })("verify", ...words);
    expect([done.exitCode, batchesOf(done)]).toEqual([0, batches]);
    expect(done.json).toMatchObject({ command: "verify", exitCode: 0, notApplied: [] });
  });

  test.each([
    [["5"], "Not applied to this database: 5 (backfill-memory-notes). Name others, or run verify alone."],
    [["4", "77"], /^BATCH is one of 1, 2, .*, not "77"\.$/],
    [["--sample", "none"], '--sample takes a whole number from 1 to 1000, not "none".'],
  ])("what can't be verified is refused in one line: %j", async (words, message) => {
    const done = await deskOn(db)("verify", ...words);
    expect([done.exitCode, done.stdout]).toEqual([2, ""]);
    expect(done.stderr).toMatch(typeof message === "string" ? `${message}\n` : new RegExp(message, "m"));
  });

  test("a run for other actors is judged by those", async () => {
    await addAudit(db, await addLead(db), { actor: "tool" });
    await runInProcess(customers, db);
    expect((await deskOn(db)("verify", "4")).exitCode).toBe(0);
    await runInProcess(conversations, db, ["--actors", "tool,customer"]);
    await db.query(`delete from "Message" where metadata ->> 'auditActor' = 'tool'`);
    const done = await deskOn(db, { json: true })("verify", "4");
    expect(resultsOf(done)).toEqual([
      [4, "every audit that counts has its message, or a reason", "FAILED", 1],
      [4, "coverage: backfilled conversations with messages", "warning", 1],
    ]);
  });

  test("a role that may only read may verify, from a pipe", async () => {
    const role = `reader_${Date.now()}_${process.pid}`;
    await db.query(`create role ${role} login password 'only-reads'`);
    try {
      await db.query(`grant select on all tables in schema public to ${role}`);
      const url = new URL(db.url);
      [url.username, url.password] = [role, "only-reads"];
      const done = await startFile("scripts/migrate.ts", ["verify", "--json"], { url: url.href }).ended;
      expect([done.exitCode, done.json]).toEqual([0, expect.objectContaining({ command: "verify", exitCode: 0 })]);
      expect(done.stderr).not.toContain("\u001b");
    } finally {
      await db.query(`drop owned by ${role}; drop role ${role}`);
    }
  });
});

describe("On an empty database", () => {
  const db = useDatabase({ empty: true });

  test("a verification that looked at nothing proves nothing", async () => {
    const done = await deskOn(db)("verify");
    expect([done.exitCode, done.lines.at(-1)]).toEqual([1, "No batch is applied here: nothing was verified."]);
  });
});
