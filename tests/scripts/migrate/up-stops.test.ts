/** `up`: where it stops, with which exit code, and how it goes on. */
import { expect, test } from "@jest/globals";
import { DRIVER_LOCK } from "../../../scripts/lib/commands/lock.ts";
import { readStates } from "../../../scripts/lib/commands/state.ts";
import { withRunLock } from "../../../scripts/lib/db/lock.ts";
import { addAudit, addBusyLeads, allowMessages, refuseMessages } from "../../helpers/audits.ts";
import { addLead, countRows } from "../../helpers/crm.ts";
import { useDatabase } from "../../helpers/database.ts";
import { deskOn } from "./desk.ts";

const db = useDatabase();

const up = (...argv: string[]) => deskOn(db)("up", "--yes", ...argv);
const upAsJson = (...argv: string[]) => deskOn(db, { json: true })("up", "--yes", ...argv);

const stateOf = async (number: number) => (await readStates(db)).find(({ entry }) => entry.number === number)?.state;

test("what a batch left behind must hold before the next is begun", async () => {
  await addBusyLeads(db, 3, 3);
  await up("--to", "4");
  await db.query(`delete from "Message" where content = 'text 2'`);
  const { exitCode, json, stderr } = await upAsJson();
  expect([exitCode, json.exitCode, json.applied, json.notBegun]).toEqual([1, 1, [], [5, 9]]);
  expect(json.message).toContain("Checks of batch 4 that do not hold: every audit that counts has its message");
  expect(stderr).toContain("Stopped: nothing of batch 5 was begun.\nNot begun: 5, 9.\nTo go on:\n  npx tsx");
  expect(await stateOf(5)).toBe("pending");
  const rehearsal = await deskOn(db, { json: true })("up", "--dry-run");
  expect([rehearsal.exitCode, rehearsal.json.stops[0].batch]).toEqual([1, 5]);
  expect(rehearsal.json.rehearsed.map(({ batch }: { batch: number }) => batch)).toEqual([5, 9]);
});

test("what the last batch left behind is looked at, too", async () => {
  await addBusyLeads(db, 3, 3);
  await db.query(`create function spoil() returns trigger language plpgsql as
                    $$ begin delete from "Message" where content = 'text 2'; return null; end $$`);
  await db.query(`create trigger spoil after insert on "Audit" for each statement
                    when (current_setting('application_name') <> '') execute function spoil()`);
  const { exitCode, stderr } = await up("--to", "4");
  expect(exitCode).toBe(1);
  expect(stderr).toContain("every audit that counts has its message, or a reason (3)");
});

test("items in quarantine stop it with 1 until they are mended", async () => {
  await addBusyLeads(db, 3, 3);
  await refuseMessages(db, "text 2");
  const { exitCode, lines } = await up();
  expect(exitCode).toBe(1);
  expect(lines.slice(-7)).toEqual([
    "Stopped at batch 4.",
    "Not begun: 5, 9.",
    "What failed, and why; and, once that is mended, the same items again:",
    "  npx tsx scripts/migrate.ts errors 4",
    "  npx tsx scripts/migrate.ts errors 4 --retry",
    "To go on:",
    "  npx tsx scripts/migrate.ts up",
  ]);
  const second = await upAsJson();
  expect([second.exitCode, second.json.applied, second.json.notBegun]).toEqual([1, [], [5, 9]]);
  expect(second.json.message).toMatch(/^Checks of batch 4 that do not hold: items in quarantine \(3\).* errors 4$/);
  expect(second.stderr).toContain("Left out: 4 (done, with 3 in quarantine).");
  await allowMessages(db);
  expect((await deskOn(db)("errors", "--retry")).exitCode).toBe(0);
  expect(await up()).toMatchObject({ exitCode: 0 });
  expect(await stateOf(9)).toBe("done");
});

test("what people did between a run and the retry of its items does not stop it", async () => {
  await addBusyLeads(db, 3, 3);
  await refuseMessages(db, "text 2");
  await up();
  await allowMessages(db);
  await addAudit(db, await addLead(db), { created_at: new Date() });
  await deskOn(db)("errors", "--retry");
  const { exitCode, lines } = await up();
  expect([exitCode, lines.at(-1)]).toEqual([0, "Applied: 5, 9."]);
});

test("where all that is left is in quarantine, it says so with 1", async () => {
  await addBusyLeads(db, 1, 1);
  await refuseMessages(db, "text 1");
  await up();
  const { exitCode, lines } = await up("--to", "4");
  expect([exitCode, lines.at(-1)]).toEqual([1, "Not all is well: items of 4 are in quarantine."]);
});

test("a batch that fails ends it, and the same command goes on", async () => {
  await addBusyLeads(db, 25, 1);
  await refuseMessages(db, "text");
  const { exitCode, json } = await upAsJson();
  expect([exitCode, json.failed.batch, json.failed.status, json.notBegun]).toEqual([1, 4, "failed", [5, 9]]);
  expect(await stateOf(4)).toBe("stopped");
  await allowMessages(db);
  expect((await up()).exitCode).toBe(0);
  expect(await countRows(db, "Message")).toBe(25);
});

test("a batch that needs an account stops it where there is none", async () => {
  await addBusyLeads(db, 2, 2);
  const { exitCode, json, stderr } = await upAsJson("--with", "7");
  expect([exitCode, json.applied.length, json.notBegun]).toEqual([2, 3, [7, 9]]);
  expect(json.message).toContain("FRESHCHAT_TOKEN");
  expect(stderr).toContain("Stopped: nothing of batch 7 was begun.");
  expect(stderr).toContain("  npx tsx scripts/migrate.ts up --with 7\n");
});

test("a second one at once, and one while the batch runs, have to wait", async () => {
  await addBusyLeads(db, 1, 1);
  await withRunLock(db.address, DRIVER_LOCK, async () => {
    const { exitCode, stderr } = await up();
    expect([exitCode, stderr]).toEqual([75, expect.stringContaining("migrate.ts up or rollback is already running")]);
  });
  await withRunLock(db.address, "backfill-customers", async () => {
    const { exitCode, json } = await upAsJson();
    expect([exitCode, json.applied.length, json.notBegun[0]]).toEqual([75, 0, 3]);
  });
});
