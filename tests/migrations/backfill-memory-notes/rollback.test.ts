import { beforeEach, expect, test } from "@jest/globals";
import batch from "../../../scripts/migrations/backfill-memory-notes.ts";
import { addCustomer, addRow, countRows, rowsOf } from "../../helpers/crm.ts";
import { useDatabase } from "../../helpers/database.ts";
import { runInProcess } from "../../helpers/script.ts";
import { keptOf } from "../rollback/rollback.ts";
import { addManyStates, addRemembering, rollBackNotes } from "./states.ts";

const db = useDatabase();

const rollBack = (runId?: number | string | null) => rollBackNotes(db, runId);
const run = async (...argv: string[]) => (await runInProcess(batch, db, argv)).document;
const remember = (state: unknown) =>
  db.query('update "Lead" set state_metadata = $1 where id = $2', [JSON.stringify(state), lead]);
const noteOf = async (key: string) => (await rowsOf(db, "MemoryNote")).find(({ metadata }) => metadata?.key === key);

let lead: string;
beforeEach(async () => {
  lead = await addRemembering(db, { a: 1, b: 2, c: 3, d: 4 });
});

test("after it every table is as it was before, and the batch makes the same notes again", async () => {
  await addManyStates(db, 10, 5);
  await addRow(db, "MemoryNote", { content: "mine" });
  const metadata = { source: "state_metadata_backfill", leadId: lead, key: "a" };
  await addRow(db, "MemoryNote", { content: "a: 1", metadata, updated_at: "2024-01-01T00:00:00.000001Z" });
  const before = await db.snapshot();
  const first = await run();
  expect(first.stats).toMatchObject({ notesCreated: 53, notesUpdated: 1 });
  const after = await db.snapshot({ keys: ["updated_at"], tables: ["migration_effects"] });
  const { notices, resultSets } = await rollBack();
  expect(notices).toEqual(["rolling back ALL runs of batch 5"]);
  expect(resultSets).toEqual([[]]);
  expect(await db.snapshot()).toEqual(before);
  expect(keptOf(await rollBack())).toEqual([]);
  expect((await run()).stats).toEqual(first.stats);
  expect(await db.snapshot({ keys: ["updated_at"], tables: ["migration_effects"] })).toEqual(after);
});

test("checkpoint, quarantine, effects and the batch's Audit rows go", async () => {
  const before = await db.snapshot();
  await db.query(`alter table "MemoryNote" add constraint no_b check (content <> 'b: 2') not valid`);
  await addManyStates(db, 5, 2);
  expect(await run("--limit", "3")).toMatchObject({ status: expect.stringMatching(/^completed/) });
  expect(await countRows(db, "migration_checkpoints")).toBe(1);
  await rollBack();
  await db.query(`delete from "Lead" where id <> $1`, [lead]);
  await db.query(`delete from "Customer" where id not in (select customer_id from "Lead")`);
  expect(await db.snapshot()).toEqual(before);
});

test("all runs together: what a later one changed goes with the first one's notes", async () => {
  const before = await db.snapshot({ tables: ["Lead"] });
  await run();
  await remember({ a: 10, b: 2, c: 3, e: 5 });
  await run();
  await remember({ a: 100, b: 20, c: 3, e: 5 });
  expect((await run()).stats).toMatchObject({ notesUpdated: 2 });
  expect(keptOf(await rollBack())).toEqual([]);
  expect(await db.snapshot({ tables: ["Lead"] })).toEqual(before);
});

test("one run only: the notes that it changed say again what they said", async () => {
  await run();
  const before = await db.snapshot({ tables: ["Lead"] });
  await remember({ a: 10, b: 2, e: 5 });
  await db.query('update "Lead" set customer_id = $1', [await addCustomer(db)]);
  const second = await run();
  expect(second.stats).toMatchObject({ notesCreated: 1, notesUpdated: 2 });
  const { notices, resultSets } = await rollBack(second.runId);
  expect(notices).toEqual([`rolling back run ${second.runId}`]);
  expect(resultSets).toEqual([[]]);
  const { Customer: _, ...notes } = before;
  expect(await db.snapshot({ tables: ["Lead", "Customer"] })).toEqual(notes);
});

test("one run only: what a later run changed again is kept and listed, until that one is rolled back", async () => {
  const first = await run();
  await remember({ a: 10, b: 2, c: 3, d: 4 });
  const second = await run();
  const { id } = (await noteOf("a")) ?? {};
  expect(keptOf(await rollBack(first.runId))).toEqual([["MemoryNote", id, "changed again by a later run"]]);
  expect(await countRows(db, "MemoryNote")).toBe(1);
  expect(keptOf(await rollBack(second.runId))).toEqual([]);
  expect((await noteOf("a"))?.content).toBe("a: 1");
  expect(keptOf(await rollBack(first.runId))).toEqual([]);
  expect(await countRows(db, "MemoryNote")).toBe(0);
});

test("notes that were edited, or that anything refers to, stay and are listed", async () => {
  await run();
  const ids = Object.fromEntries((await rowsOf(db, "MemoryNote")).map(({ id, metadata }) => [metadata.key, id]));
  await db.query(`update "MemoryNote" set content = 'a: one' where id = $1`, [ids.a]);
  await db.query(`update "MemoryNote" set expires_at = '2030-01-01Z' where id = $1`, [ids.b]);
  await addRow(db, "external_refs", { entity_type: "MemoryNote", entity_id: ids.c, system: "shop", external_id: "1" });
  await db.query('create table reminders (note uuid references "MemoryNote" (id) on delete cascade)');
  await db.query("insert into reminders values ($1)", [ids.d]);
  expect(keptOf(await rollBack()).sort()).toEqual(
    [
      ["MemoryNote", ids.a, "edited since"],
      ["MemoryNote", ids.b, "edited since"],
      ["MemoryNote", ids.c, "in use by external_refs"],
      ["MemoryNote", ids.d, "in use by reminders"],
    ].sort(),
  );
  expect(await countRows(db, "MemoryNote")).toBe(4);
  expect(await countRows(db, "reminders")).toBe(1);
  await db.query("delete from reminders");
  await db.query("delete from external_refs");
  expect(keptOf(await rollBack())).toHaveLength(2);
  expect(await countRows(db, "MemoryNote")).toBe(2);
});

test("a changed note that was edited since keeps the edit", async () => {
  const first = await run();
  await remember({ a: 10, b: 2, c: 3, d: 4 });
  const second = await run();
  await db.query(`update "MemoryNote" set content = 'a: ten' where metadata ->> 'key' = 'a'`);
  const { id } = (await noteOf("a")) ?? {};
  expect(keptOf(await rollBack(second.runId))).toEqual([["MemoryNote", id, "edited since: what the run wrote stays"]]);
  expect(keptOf(await rollBack(first.runId))).toEqual([["MemoryNote", id, expect.any(String)]]);
  expect((await rowsOf(db, "MemoryNote")).map(({ content }) => content)).toEqual(["a: ten"]);
});

test("a note that says it is a run's, of which there is no record, is listed", async () => {
  const { runId } = await run();
  await db.query("delete from migration_effects");
  expect(keptOf(await rollBack(runId))).toHaveLength(4);
  expect(await countRows(db, "MemoryNote")).toBe(4);
});
