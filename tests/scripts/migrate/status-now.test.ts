/** What `status` says of checks, and of a run that waits. */
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "@jest/globals";
import pg from "pg";
import conversations from "../../../scripts/migrations/backfill-conversations-messages.ts";
import customers from "../../../scripts/migrations/backfill-customers.ts";
import { addBusyLeads } from "../../helpers/audits.ts";
import { type TestDatabase, useDatabase } from "../../helpers/database.ts";
import { runInProcess, until } from "../../helpers/script.ts";
import { blockOf, deskOn } from "./desk.ts";

const status = (db: { readonly url: string }, ...argv: string[]) => deskOn(db)("status", ...argv);
const asJson = async (db: { readonly url: string }, ...argv: string[]) => {
  const done = await deskOn(db, { json: true })("status", ...argv);
  expect(done.json).toMatchObject({ command: "status", exitCode: done.exitCode });
  return done.json;
};

const setUpData = async (db: TestDatabase) => {
  await addBusyLeads(db, 5, 3);
  await runInProcess(customers, db);
};

const db = useDatabase();

test("exit 1 where a check does not hold, with its name; not without the checks", async () => {
  await setUpData(db);
  await runInProcess(conversations, db);
  await db.query(`update "Message" set role = 'tool' where content = 'text 1'`);
  const done = await status(db, "--exit-code");
  expect(done.exitCode).toBe(1);
  expect(blockOf(done, 4).join(" ")).toMatch(/verify: \d+ of \d+ hold; 1 failure: /);
  expect(done.lines.at(-1)).toContain("4: 1 check does not hold");
  const { attention, batches } = await asJson(db, "--no-verify");
  expect([attention, batches[3].verify]).toEqual([["5 pending", "9 pending"], null]);
  expect((await asJson(db)).batches[3].verify).toMatchObject({ holds: false, failures: [expect.any(String)] });
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
