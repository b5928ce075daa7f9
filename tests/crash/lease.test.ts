import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "@jest/globals";
import { useDatabase } from "../helpers/database.ts";
import { runInProcess, type Started, until } from "../helpers/script.ts";
import { differenceOf, leftoversOf, NONE, stateOf } from "./final-state.ts";
import { CONVERSATIONS, CUSTOMERS, type Subject } from "./subjects.ts";
import { terminateLock } from "./terminate.ts";

const run = promisify(execFile);
const calm = useDatabase();
const db = useDatabase();

/** Waits until the process stands still, as a machine does that hangs. */
const standsStill = ({ pid }: Started) =>
  until(async () => pid() > 0 && (await run("ps", ["-o", "stat=", "-p", String(pid())])).stdout.startsWith("T"));

/** Starts a run that stops at this point, and takes its lock from it. */
async function startAndStall(subject: Subject, point: string): Promise<Started> {
  await Promise.all([subject.fill(calm, 5), subject.fill(db, 5)]);
  await runInProcess(subject.batch, calm, ["--workers", "1"]);
  const stalled = subject.start(db.url, `${point}:stop`, ["--workers", "1"]);
  await standsStill(stalled);
  expect((await runInProcess(subject.batch, db).catch((error) => error)).name).toBe("MustWait");
  await terminateLock(db);
  return stalled;
}

/** Lets it go on; what it says at its end. */
async function wake(stalled: Started): Promise<{ exitCode: number; stderr: string }> {
  stalled.signal("SIGCONT");
  return stalled.ended;
}

async function expectSameState() {
  expect(differenceOf(await stateOf(calm), await stateOf(db))).toEqual(NONE);
  expect(await leftoversOf(db)).toEqual([]);
}

test.each([
  { subject: CONVERSATIONS, point: "page-begin:4", what: "in a page that has written nothing" },
  { subject: CONVERSATIONS, point: "page-committed:4", what: "between two pages" },
  { subject: CONVERSATIONS, point: "stage-ended:1", what: "before it looks for late audits" },
  { subject: CONVERSATIONS, point: "late-found:1", what: "before it stores late audits" },
  { subject: CONVERSATIONS, point: "record:1", what: "before its record" },
  { subject: CUSTOMERS, point: "page-begin:9", what: "in a page that has written nothing" },
  { subject: CUSTOMERS, point: "page-committed:9", what: "between two pages" },
  { subject: CUSTOMERS, point: "stage-ended:2", what: "between two stages" },
])(
  "a run that hangs $what ($subject.name) writes nothing more when another has taken over",
  async ({ subject, point }) => {
    const stalled = await startAndStall(subject, point);
    const { exitCode } = await runInProcess(subject.batch, db, subject.argv);
    await expectSameState();
    const before = await db.snapshot();
    const woken = await wake(stalled);
    expect(await db.snapshot()).toEqual(before);
    expect(woken.stderr).toMatch(/Another run has taken over/);
    expect([woken.exitCode, exitCode]).toEqual([1, 1]);
    await expectSameState();
  },
);

test("a run that hangs in the middle of a page holds up the one that takes over, and the page is there once", async () => {
  const stalled = await startAndStall(CONVERSATIONS, "page-saved:4");
  const taker = runInProcess(CONVERSATIONS.batch, db, CONVERSATIONS.argv);
  await until(
    async () =>
      (await db.query("select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"))
        .rows.length > 0,
  );
  expect((await wake(stalled)).exitCode).toBe(1);
  expect((await taker).exitCode).toBe(1);
  await expectSameState();
});
