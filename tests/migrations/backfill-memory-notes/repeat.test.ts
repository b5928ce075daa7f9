/** What a run makes of notes that are there already: its own, and those that a person has edited. */
import { beforeEach, expect, test } from "@jest/globals";
import batch from "../../../scripts/migrations/backfill-memory-notes.ts";
import { addCustomer, rowsOf } from "../../helpers/crm.ts";
import { useDatabase } from "../../helpers/database.ts";
import { numbersOf, runInProcess } from "../../helpers/script.ts";
import { addRemembering } from "./states.ts";

const db = useDatabase();

beforeEach(async () => {
  await addRemembering(db, { time: "mornings", pets: ["Rex"] }, { updated_at: "2025-02-03Z" });
});

/** A run that its dry run must have foretold. */
async function run() {
  const dry = await runInProcess(batch, db, ["--dry-run"]);
  const done = await runInProcess(batch, db);
  expect(numbersOf(dry)).toEqual(numbersOf(done));
  return done.document;
}

const remember = (state: unknown) => db.query('update "Lead" set state_metadata = $1', [JSON.stringify(state)]);
const edit = (what: string) => db.query(`update "MemoryNote" set ${what} where metadata ->> 'key' = 'time'`);
const noteOf = async (key: string) => (await rowsOf(db, "MemoryNote")).find(({ metadata }) => metadata?.key === key);
const effects = async () => (await rowsOf(db, "migration_effects", "id")).map(({ action, before }) => [action, before]);

test("a second run makes nothing, changes nothing, and says so", async () => {
  await run();
  const before = await db.snapshot();
  const { stats, status } = await run();
  expect(stats).toMatchObject({
    notesCreated: 0,
    notesUpdated: 0,
    notesUnchanged: 2,
    notesSkipped: 0,
    leadsProcessed: 1,
  });
  expect(status).toBe("completed");
  expect(await db.snapshot()).toEqual(before);
});

test("a value that changed changes its note, and what was there before is kept", async () => {
  const first = await run();
  const before = await noteOf("time");
  await remember({ time: "evenings", pets: ["Rex"] });
  const { stats, runId } = await run();
  expect(stats).toMatchObject({ notesCreated: 0, notesUpdated: 1, notesUnchanged: 1 });
  const after = await noteOf("time");
  expect(after).toMatchObject({ id: before?.id, content: "time: evenings", created_at: before?.created_at });
  expect(after?.metadata).toEqual({ ...before?.metadata, runId: first.runId, contentMd5: after?.metadata.contentMd5 });
  expect(after?.metadata.contentMd5).not.toBe(before?.metadata.contentMd5);
  expect(after?.updated_at.getTime()).toBeGreaterThan(before?.updated_at.getTime());
  const [effect, ...others] = (await rowsOf(db, "migration_effects", "id")).filter(
    (row) => row.run_id === String(runId),
  );
  expect(others).toEqual([]);
  expect(effect).toMatchObject({ table_name: "MemoryNote", row_id: before?.id, action: "update" });
  expect(effect?.before).toMatchObject({
    content: "time: mornings",
    metadata: before?.metadata,
    customer_id: before?.customer_id,
  });
});

test("a value that changes back and forth ends in the note that it began with", async () => {
  await run();
  const before = await db.snapshot({ keys: ["updated_at"], tables: ["migration_effects", "Lead"] });
  await remember({ time: "evenings", pets: ["Rex"] });
  await run();
  await remember({ time: "mornings", pets: ["Rex"] });
  expect((await run()).stats).toMatchObject({ notesUpdated: 1, notesUnchanged: 1 });
  expect(await db.snapshot({ keys: ["updated_at"], tables: ["migration_effects", "Lead"] })).toEqual(before);
});

test("the notes of a lead whose customer changed go to the other customer", async () => {
  await run();
  const before = await noteOf("time");
  const other = await addCustomer(db, { name: "Grace" });
  await db.query('update "Lead" set customer_id = $1', [other]);
  expect((await run()).stats).toMatchObject({ notesUpdated: 2, notesUnchanged: 0 });
  expect(await noteOf("time")).toMatchObject({ customer_id: other, content: "time: mornings" });
  expect((await effects()).filter(([action]) => action === "update")).toEqual([
    ["update", expect.objectContaining({ customer_id: before?.customer_id })],
    ["update", expect.objectContaining({ customer_id: before?.customer_id })],
  ]);
});

test.each([
  ["content = 'time: never before ten'", "another text"],
  ["content = content || '.'", "one more character"],
  ["content = 'x', metadata = null", "a text without metadata"],
  ["metadata = null", "no metadata"],
  [`metadata = '{"source": "mine"}'`, "another source"],
  [`content = 'x', metadata = metadata - 'contentMd5'`, "a text without its hash"],
])("a note that a person has edited (%s) is left alone, whether its value changes or not", async (what) => {
  await run();
  await edit(what);
  const before = await rowsOf(db, "MemoryNote", "id");
  for (const time of ["mornings", "evenings"]) {
    await remember({ time, pets: ["Rex"] });
    const { stats, skipped } = await run();
    expect(stats).toMatchObject({ notesCreated: 0, notesUpdated: 0, notesUnchanged: 1, notesSkipped: 1 });
    expect(skipped).toMatchObject({ edited: 1 });
  }
  expect(await rowsOf(db, "MemoryNote", "id")).toEqual(before);
});

test("a note that a person has changed to what it would say now is unchanged", async () => {
  await run();
  await edit("content = 'time: evenings'");
  await remember({ time: "evenings", pets: ["Rex"] });
  expect((await run()).stats).toMatchObject({ notesUpdated: 0, notesUnchanged: 2, notesSkipped: 0 });
});

test("a note whose key is gone, empty, or whose lead has no customer any more stays", async () => {
  await run();
  const before = await rowsOf(db, "MemoryNote", "id");
  await remember({ pets: [] });
  expect((await run()).skipped).toMatchObject({ empty: 1 });
  await db.query('update "Lead" set customer_id = null');
  expect((await run()).skipped).toMatchObject({ noCustomer: 1 });
  expect(await rowsOf(db, "MemoryNote", "id")).toEqual(before);
});
