import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "@jest/globals";
import batch from "../../../scripts/migrations/backfill-conversations-messages.ts";
import { addAudits, holdAt } from "../../helpers/audits.ts";
import { addLead, countRows } from "../../helpers/crm.ts";
import { useDatabase } from "../../helpers/database.ts";
import { runInProcess, startScript, until } from "../../helpers/script.ts";

const NAME = "backfill-conversations-messages";
const db = useDatabase();

/** A script that stands in the middle of its second page of ten. */
async function startAndHold() {
  await addAudits(db, await addLead(db), 60);
  const hold = await holdAt(db, "text 15");
  const script = startScript(NAME, ["--chunk-size", "10", "--json"], { url: db.url });
  await until(hold.reached);
  return { hold, script };
}

test("Ctrl-C ends after the page, says how to go on, exits 130, and the same command goes on", async () => {
  const { hold, script } = await startAndHold();
  // The terminal sends it to the whole group, and npx and tsx pass it on: it arrives more than once.
  script.signal("SIGINT");
  await sleep(30);
  script.signal("SIGINT");
  await until(() => script.output().includes("Stopping after this page"));
  await hold.letGo();
  const { exitCode, json, stderr } = await script.ended;
  expect(exitCode).toBe(130);
  expect(json).toMatchObject({ status: "interrupted", stats: { messagesCreated: 20 } });
  expect(stderr).toContain("Interrupted; run the same command again to go on.");
  expect(stderr).not.toMatch(/^\s+at /m);
  expect((await db.query("select status from migration_runs")).rows).toEqual([{ status: "interrupted" }]);
  const next = await runInProcess(batch, db);
  expect(next.document).toMatchObject({ resumedFrom: json.runId, stats: { messagesCreated: 40 } });
  expect(await countRows(db, "Message")).toBe(60);
});

test("SIGTERM to the script alone ends after the page with 143", async () => {
  const { hold, script } = await startAndHold();
  process.kill(script.pid(), "SIGTERM");
  await until(() => script.output().includes("Stopping after this page"));
  await hold.letGo();
  const { exitCode, json } = await script.ended;
  expect(exitCode).toBe(143);
  expect(json).toMatchObject({ status: "interrupted", stats: { messagesCreated: 20 } });
});

test("a second Ctrl-C, more than a second later, ends at once and loses that page only", async () => {
  const { hold, script } = await startAndHold();
  process.kill(script.pid(), "SIGINT");
  await sleep(1_200);
  process.kill(script.pid(), "SIGINT");
  const { exitCode } = await script.ended;
  expect(exitCode).toBe(130);
  await hold.letGo();
  expect(await countRows(db, "Message")).toBe(10);
  expect((await runInProcess(batch, db)).document.stats).toMatchObject({ messagesCreated: 50 });
});
