/** What `status` says of checks, and of a run that waits. */
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "@jest/globals";
import pg from "pg";
import { batchOf } from "../../../scripts/lib/batches.ts";
import { failedOf, verifyBatch } from "../../../scripts/lib/commands/status/checks.ts";
import { withDatabase } from "../../../scripts/lib/db/database.ts";
import { withRunLock } from "../../../scripts/lib/db/lock.ts";
import conversations from "../../../scripts/migrations/backfill-conversations-messages.ts";
import customers from "../../../scripts/migrations/backfill-customers.ts";
import { addAudit } from "../../helpers/audits.ts";
import { addLead } from "../../helpers/crm.ts";
import { useDatabase } from "../../helpers/database.ts";
import { runInProcess, until } from "../../helpers/script.ts";
import { blockOf } from "./desk.ts";
import { setUpData, status, statusJson } from "./status-desk.ts";

const db = useDatabase();

test("exit 1 where a check does not hold, with its name; not without the checks", async () => {
  await setUpData(db);
  await runInProcess(conversations, db);
  await db.query(`update "Message" set role = 'tool' where content = 'text 1'`);
  const done = await status(db, "--exit-code");
  expect(done.exitCode).toBe(1);
  expect(blockOf(done, 4).join(" ")).toMatch(/verify: \d+ of \d+ hold; 1 failure: /);
  expect(done.lines.at(-1)).toContain("4: 1 check does not hold");
  const { attention, batches } = await statusJson(db, "--no-verify");
  expect([attention, batches[3].verify]).toEqual([["5 pending", "9 pending"], null]);
  expect((await statusJson(db)).batches[3].verify).toMatchObject({ holds: false, failures: [expect.any(String)] });
});

test("a run for other actors is judged by those, also after its quarantine was run again", async () => {
  await addAudit(db, await addLead(db), { actor: "agent" });
  await runInProcess(customers, db);
  await runInProcess(conversations, db, ["--actors", "customer"]);
  expect((await statusJson(db)).batches[3].verify).toMatchObject({ holds: true });
  await runInProcess(conversations, db, ["--retry-errors"]);
  expect((await statusJson(db)).batches[3].verify).toMatchObject({ holds: true });
});

test("what a run left that looked at one lead only is told, with the command for the rest", async () => {
  await setUpData(db);
  const { rows } = await db.query<{ id: string }>(`select id from "Lead" limit 1`);
  await runInProcess(conversations, db, ["--lead", rows[0]?.id ?? "", "--workers", "1"]);
  const block = blockOf(await status(db), 4);
  expect(block[0]).toBe(" 4  backfill-conversations-messages  stopped      a part only");
  expect(block.join(" ").replace(/ +/g, " ")).toContain(
    "begins anew: nothing has looked at the rest to go on: npx tsx scripts/migrations/backfill-conversations-messages.ts --workers 1",
  );
});

test("checks that the tree lacks are not known to hold", async () => {
  const limits = { timeoutMs: 1_000, signal: new AbortController().signal };
  const entry = { ...batchOf(2), folders: ["20251108_gone"] };
  const verified = await withDatabase(db.address, { max: 1 }, (one) => verifyBatch(one, entry, limits));
  expect([failedOf(verified), verified.broken[0]?.message]).toEqual([1, expect.stringContaining("no verify.sql")]);
});

test("a check that takes too long is given up, and said to be", async () => {
  await setUpData(db);
  const holder = new pg.Client(db.url);
  await holder.connect();
  try {
    await holder.query(`begin; lock table "Job"`);
    const done = await status(db, "--verify-timeout", "100ms", "--exit-code");
    expect(done.exitCode).toBe(1);
    expect(blockOf(done, 3).join(" ").replace(/ +/g, " ")).toMatch(/not checked within 100ms: .*: run verify 3/);
  } finally {
    await holder.end();
  }
});

test("a run that hangs has run until now, and was silent since it was heard of", async () => {
  await db.query(`insert into migration_runs (batch, script, mode, status, host, pid, started_at, heartbeat_at)
                  values (4, 'backfill-conversations-messages', 'write', 'running', 'here', 1,
                          now() - interval '2 hours', now() - interval '1 hour')`);
  const block = await withRunLock(db.address, "backfill-conversations-messages", async () =>
    blockOf(await status(db, "--no-verify"), 4),
  );
  expect(block.at(-1)).toBe("      run 1, process 1 on here, for 2 h 00 min; silent for 1 h 00 min");
});

test("why a run waits is said, with where it runs", async () => {
  await setUpData(db);
  const holder = new pg.Client(db.url);
  await holder.connect();
  await holder.query("begin");
  await sleep(200);
  const running = runInProcess(conversations, db, ["--max-transaction-age", "100ms"]);
  try {
    const block = await until(async () => {
      const lines = blockOf(await status(db, "--no-verify"), 4);
      return lines.some((line) => line.includes("waits: ")) ? lines : undefined;
    });
    expect(block[0]).toBe(" 4  backfill-conversations-messages  running      waits");
    expect(block.join(" ").replace(/ +/g, " ")).toMatch(
      /0 of 15 audits \(0%\).* waits: .*transaction.* run 2, process \d+ on \S+, for /,
    );
  } finally {
    await holder.end();
    await running;
  }
});
