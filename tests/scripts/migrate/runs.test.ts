/** `runs` and `show`: the history, and one run of it. */
import { describe, expect, test } from "@jest/globals";
import conversations from "../../../scripts/migrations/backfill-conversations-messages.ts";
import customers from "../../../scripts/migrations/backfill-customers.ts";
import { addBusyLeads, allowMessages, refuseMessages } from "../../helpers/audits.ts";
import { rowsOf } from "../../helpers/crm.ts";
import { useDatabase } from "../../helpers/database.ts";
import { runInProcess, startFile } from "../../helpers/script.ts";
import { rollBack } from "../../migrations/rollback/rollback.ts";
import { deskOn } from "./desk.ts";

const FILE = "scripts/migrations/backfill-conversations-messages.ts";

describe("With some runs", () => {
  const db = useDatabase();
  const run = (...argv: string[]) => deskOn(db)(...argv);
  const asJson = async (...argv: string[]) => {
    const { exitCode, json } = await deskOn(db, { json: true })(...argv);
    expect(json).toMatchObject({ command: argv[0], exitCode });
    return json;
  };
  /** A completed run, one with quarantine that stopped at --limit, and one that was killed. */
  const makeRuns = async () => {
    await addBusyLeads(db, 20, 3);
    await runInProcess(customers, db);
    await refuseMessages(db, "text 2");
    await runInProcess(conversations, db, ["--limit", "2", "--workers", "1"]);
    await startFile(FILE, ["--workers", "1"], { url: db.url, env: { CRM_MIGRATIONS_FAULT: "page-stored:1" } }).ended;
  };

  test("lists them, newest first, in 80 columns", async () => {
    await makeRuns();
    const { exitCode, lines } = await run("runs");
    expect(exitCode).toBe(0);
    expect(lines.map((line) => line.replace(/\d{4}-\d\d-\d\d \d\d:\d\dZ {2}.*/, "…"))).toEqual([
      "     3  batch 4   write  killed       …",
      "        nothing",
      "     2  batch 4   write  with errors  …",
      "        2 errors, 6 audits processed, 4 messages created, 2 conversations creat…",
      "     1  batch 3   write  completed    …",
      "        20 leads linked, 20 customers created",
      "3 runs. show RUN tells all of one.",
    ]);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
    const newest = await asJson("runs", "--limit", "1");
    expect(newest).toMatchObject({ total: 3, runs: [{ id: 3, batch: 4, status: "killed", finishedAt: null }] });
    expect((await run("runs", "--limit", "1")).lines.at(-1)).toContain("The newest 1 of 3 runs; --limit lists more.");
    expect((await asJson("runs", "3")).runs).toMatchObject([{ id: 1, stats: { leadsLinked: 20 } }]);
  });

  test("shows one whole", async () => {
    await makeRuns();
    const [audit] = await rowsOf(db, `Audit`, "actor = 'system' and payload ->> 'runId' = '2' desc");
    const { exitCode, stdout } = await run("show", "2");
    expect(exitCode).toBe(0);
    for (const line of [
      "Run 2: batch 4, backfill-conversations-messages",
      "  status      with errors, write",
      `  process     ${process.pid} on `,
      "  options     --limit 2 --workers 1",
      "  progress    6 of 60 audits (10%)",
      "  effects     Conversation: insert 2",
      "  quarantine  2 open, 0 resolved; the command errors 4 lists them",
      `  Audit row   ${audit?.id}`,
    ])
      expect(stdout).toContain(line);
    expect(await asJson("show", "2")).toMatchObject({
      run: { id: 2, status: "completed_with_errors", mode: "write", options: { limit: 2, workers: 1 }, step: null },
      effects: [{ table: "Conversation", action: "insert", rows: 2 }],
      quarantine: { open: 2, resolved: 0 },
      checkpoint: null,
      auditId: audit?.id,
    });
    expect(await asJson("show", "3")).toMatchObject({
      run: { status: "killed", finishedAt: null },
      checkpoint: { parts: 1, partsDone: 0 },
      auditId: null,
    });
  });

  test("what became of a run since is seen: resolved items, a rollback", async () => {
    await makeRuns();
    await allowMessages(db);
    await runInProcess(conversations, db, ["--retry-errors"]);
    expect(await asJson("show", "2")).toMatchObject({ quarantine: { open: 0, resolved: 2 } });
    expect(await asJson("show", "3")).toMatchObject({ run: { status: "interrupted" } });
    await rollBack(db, 4, 2);
    expect(await asJson("show", "2")).toMatchObject({ run: { status: "rolled_back" }, auditId: null });
  });

  test("a password in an option of a run is not shown", async () => {
    await makeRuns();
    await db.query(`update migration_runs set options = '{"source": "postgresql://me:sesame@there/db", "limit": 2}'
                     where id = 2`);
    for (const argv of [["show", "2"], ["status"], ["runs"]]) {
      const done = await deskOn(db, { json: true })(...argv);
      expect([done.exitCode, done.stdout + done.stderr]).toEqual([0, expect.not.stringContaining("sesame")]);
    }
  });

  test.each([["99"], ["x"], ["-1"], ["1.5"], ["99999999999999999999"]])("there is no run %s: exit 2", async (word) => {
    const { exitCode, json } = await deskOn(db, { json: true })("show", word);
    expect([exitCode, json.exitCode, typeof json.message]).toEqual([2, 2, "string"]);
  });

  test.each([["runs", "11"], ["runs", "--limit", "0"], ["show"]])("%s %s: exit 2", async (...argv) => {
    expect((await run(...argv.filter((word) => word !== undefined))).exitCode).toBe(2);
  });
});

describe("On an empty database", () => {
  const db = useDatabase({ empty: true });

  test("there is no run, and no failure", async () => {
    const { exitCode, lines } = await deskOn(db)("runs");
    expect([exitCode, lines]).toEqual([0, ["No run is recorded here: batch 1 has not been applied."]]);
    expect((await deskOn(db, { json: true })("runs")).json).toEqual({
      command: "runs",
      exitCode: 0,
      total: 0,
      runs: [],
    });
    expect((await deskOn(db)("show", "1")).exitCode).toBe(2);
  });
});
