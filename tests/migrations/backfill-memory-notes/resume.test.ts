/** Killed, limited, shared among workers: the end is that of one run that nothing disturbed. */
import { expect, test } from "@jest/globals";
import batch from "../../../scripts/migrations/backfill-memory-notes.ts";
import { countRows } from "../../helpers/crm.ts";
import { useDatabase } from "../../helpers/database.ts";
import { runInProcess, runScript } from "../../helpers/script.ts";
import { addManyStates, addRemembering, inPagesOf } from "./states.ts";

const NAME = "backfill-memory-notes";
const KILLED = 137;
const db = useDatabase();

/** What an undisturbed run leaves, then as it was before. */
async function undisturbed() {
  await runInProcess(batch, db);
  const { MemoryNote } = await db.snapshot();
  await db.query('truncate "MemoryNote", migration_effects, migration_runs, migration_errors cascade');
  return { MemoryNote };
}

const storedThen = (state: object) => expect(db.snapshot()).resolves.toMatchObject(state);

test.each(["page-begin:2", "page-stored:2", "page-saved:2", "page-committed:2", "record"])(
  "a run that was killed at %s goes on from its last page, and ends as if nothing had happened",
  async (fault) => {
    await addManyStates(db, 700, 5);
    const state = await undisturbed();
    const killed = await runScript(NAME, ["--workers", "1"], { url: db.url, env: { CRM_MIGRATIONS_FAULT: fault } });
    expect(killed.exitCode).toBe(KILLED);
    const stored = await countRows(db, "MemoryNote");
    expect(stored).toBeGreaterThan(0);
    const { document, exitCode } = await runInProcess(batch, db);
    expect([exitCode, document.message]).toEqual([0, undefined]);
    expect(document.resumedFrom).toBeDefined();
    expect(document.stats).toMatchObject({ notesCreated: 3500 - stored, notesUnchanged: 0 });
    expect(document.stats.leadsProcessed).toBe(700 - stored / 5);
    await storedThen(state);
    expect(await countRows(db, "migration_effects")).toBe(3500);
    expect(await countRows(db, "migration_checkpoints")).toBe(0);
  },
);

test("a run that is killed while it cuts a page in halves ends in the same quarantine", async () => {
  await addRemembering(db, { bad: "bad", good: "good" });
  await addManyStates(db, 100, 5);
  await db.query(`alter table "MemoryNote" add constraint no_bad_words check (content <> 'bad: bad')`);
  for (const fault of ["split:2", "split:5", "page-committed:1"])
    await runScript(NAME, ["--workers", "1"], { url: db.url, env: { CRM_MIGRATIONS_FAULT: fault } });
  const { document } = await runInProcess(batch, db);
  expect(document.stats).toMatchObject({ errors: 1 });
  expect(await countRows(db, "MemoryNote")).toBe(501);
});

test("--limit counts leads; again and again it ends in the state of one run", async () => {
  await addManyStates(db, 10, 7);
  const state = await undisturbed();
  const processed: unknown[] = [];
  for (let round = 0; round < 4; round++) {
    const { document, output, exitCode } = await runInProcess(inPagesOf(10), db, ["--limit", "3"]);
    expect(exitCode).toBe(0);
    processed.push([document.stats.leadsProcessed, document.stats.notesCreated]);
    expect(/Stopped at --limit, (\d+) left/.exec(output)?.[1]).toBe(["49", "28", "7", undefined][round]);
    expect(await countRows(db, "migration_checkpoints")).toBe(round < 3 ? 1 : 0);
  }
  expect(processed).toEqual([
    [3, 21],
    [3, 21],
    [3, 21],
    [1, 7],
  ]);
  await storedThen(state);
});

test.each([1, 3])("%i workers with small pages make what one with large pages makes", async (workers) => {
  await addManyStates(db, 400, 6);
  const state = await undisturbed();
  const { document } = await runInProcess(inPagesOf(20), db, ["--workers", String(workers)]);
  expect(document.stats).toMatchObject({ notesCreated: 2400, leadsProcessed: 400, errors: 0 });
  await storedThen(state);
});

test("--lead takes this one alone, and another run with other options waits for its end", async () => {
  const lead = await addRemembering(db, { a: 1, b: 2 });
  await addManyStates(db, 5, 2);
  const { document } = await runInProcess(inPagesOf(1), db, ["--lead", lead.toUpperCase()]);
  expect(document.stats).toMatchObject({ notesCreated: 2, leadsProcessed: 1 });
  await runInProcess(inPagesOf(1), db, ["--limit", "1"]);
  await expect(runInProcess(batch, db, ["--lead", lead])).rejects.toThrow(/has not ended; .*--restart/);
  const again = await runInProcess(batch, db, ["--restart"]);
  expect(again.document.stats.leadsProcessed).toBe(6);
  expect(await countRows(db, "MemoryNote")).toBe(12);
});

test("--lead of nobody, and together with --retry-errors, is refused", async () => {
  const nobody = "1b4e28ba-2fa1-41d2-883f-0016d3cca427";
  await expect(runInProcess(batch, db, ["--lead", nobody])).rejects.toThrow(`there is none with ${nobody}`);
  const lead = await addRemembering(db, {});
  await expect(runInProcess(batch, db, ["--lead", lead, "--retry-errors"])).rejects.toThrow("leave --lead out");
  await expect(runInProcess(batch, db, ["--lead", "Ada"])).rejects.toThrow("--lead takes a UUID");
});

test("where no lead has a state the run completes, and says so", async () => {
  const { output, document } = await runInProcess(batch, db);
  expect(output).toContain("No lead has a state_metadata with keys.");
  expect(document.stats).toEqual({
    notesCreated: 0,
    notesUpdated: 0,
    notesUnchanged: 0,
    notesSkipped: 0,
    leadsProcessed: 0,
    errors: 0,
  });
});
