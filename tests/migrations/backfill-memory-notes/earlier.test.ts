/** Notes that are there before the first run: an earlier tool's, and what keeps two of one key apart. */
import { beforeEach, expect, test } from "@jest/globals";
import batch from "../../../scripts/migrations/backfill-memory-notes.ts";
import { addRow, rowsOf } from "../../helpers/crm.ts";
import { useDatabase } from "../../helpers/database.ts";
import { numbersOf, runInProcess } from "../../helpers/script.ts";
import { addRemembering } from "./states.ts";

const db = useDatabase();

let lead: string;
beforeEach(async () => {
  lead = await addRemembering(db, { time: "mornings", pets: ["Rex"] });
});

/** A run that its dry run must have foretold. */
async function run() {
  const dry = await runInProcess(batch, db, ["--dry-run"]);
  const done = await runInProcess(batch, db);
  expect(numbersOf(dry)).toEqual(numbersOf(done));
  return done.document;
}

const noteOf = async (key: string) => (await rowsOf(db, "MemoryNote")).find(({ metadata }) => metadata?.key === key);

test("a note that an earlier tool wrote is taken: unchanged where it says the same, else left to those who know", async () => {
  const metadata = (key: string) => ({ source: "state_metadata_backfill", leadId: lead, key });
  await addRow(db, "MemoryNote", { content: "pets: Rex", metadata: metadata("pets") });
  await addRow(db, "MemoryNote", { content: "Mornings!", metadata: metadata("time") });
  const { stats, skipped } = await run();
  // It had no customer yet.
  expect(stats).toMatchObject({ notesCreated: 0, notesUpdated: 1, notesUnchanged: 0 });
  expect(skipped).toMatchObject({ edited: 1 });
  expect((await run()).stats).toMatchObject({ notesCreated: 0, notesUpdated: 0, notesUnchanged: 1 });
  expect((await rowsOf(db, "MemoryNote")).map(({ content }) => content).sort()).toEqual(["Mornings!", "pets: Rex"]);
});

test("the database itself refuses a second note of one key, and only of one that says so", async () => {
  await run();
  const { metadata } = (await noteOf("time")) ?? {};
  await expect(addRow(db, "MemoryNote", { content: "again", metadata })).rejects.toThrow(/MemoryNote_lead_state_key/);
  await addRow(db, "MemoryNote", { content: "mine", metadata: { ...metadata, source: "mine" } });
  await addRow(db, "MemoryNote", { content: "mine", metadata: { ...metadata, key: "times" } });
});

test("two notes of one key that are there before the index stop the run before anything is touched", async () => {
  await db.query('drop index "MemoryNote_lead_state_key"');
  const metadata = { source: "state_metadata_backfill", leadId: lead, key: "pets" };
  for (const content of ["a", "b"]) await addRow(db, "MemoryNote", { content, metadata });
  const before = await db.snapshot();
  for (const argv of [[], ["--dry-run"]])
    await expect(runInProcess(batch, db, argv)).rejects.toThrow(
      `More than one memory note has the same metadata.leadId and key: ${lead} "pets". Keep one of each`,
    );
  expect(await db.snapshot()).toEqual(before);
});

test("an index of that name that is not unique is somebody else's, and stops the run", async () => {
  await db.query('drop index "MemoryNote_lead_state_key"');
  await db.query('create index "MemoryNote_lead_state_key" on "MemoryNote" (content)');
  await expect(runInProcess(batch, db)).rejects.toThrow('"MemoryNote_lead_state_key" is not unique');
});
