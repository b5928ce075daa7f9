/** When rollback.sql of batch 5 refuses, or waits. */
import { beforeEach, expect, test } from "@jest/globals";
import pg from "pg";
import customers from "../../../scripts/migrations/backfill-customers.ts";
import batch from "../../../scripts/migrations/backfill-memory-notes.ts";
import { rowsOf } from "../../helpers/crm.ts";
import { useDatabase } from "../../helpers/database.ts";
import { runInProcess } from "../../helpers/script.ts";
import { keptOf, rollBack as rollBackCustomers } from "../rollback/rollback.ts";
import { addRemembering, rollBackNotes } from "./states.ts";

const db = useDatabase();

const rollBack = (runId?: number | string | null) => rollBackNotes(db, runId);
const run = async (...argv: string[]) => (await runInProcess(batch, db, argv)).document;

beforeEach(() => addRemembering(db, { a: 1, b: 2, c: 3, d: 4 }));

test.each([
  { what: "unknown", id: () => 4711 },
  { what: "of another batch", id: async () => (await runInProcess(customers, db)).document.runId },
])("a run that is $what is refused, and nothing is changed", async ({ id }) => {
  await run();
  const asked = await id();
  const before = await db.snapshot();
  await expect(rollBack(asked)).rejects.toThrow(
    `nothing was changed: backfill.run_id ${asked} is not a run of backfill-memory-notes`,
  );
  expect(await db.snapshot()).toEqual(before);
});

test("batch 3 is not rolled back from under it", async () => {
  await runInProcess(customers, db);
  await run();
  await expect(rollBackCustomers(db, 3)).rejects.toThrow("built on it: backfill-memory-notes");
  await rollBack();
  await rollBackCustomers(db, 3);
});

test("a note that a live session is editing is waited for, and kept", async () => {
  await run();
  const live = new pg.Client(db.url);
  await live.connect();
  await live.query("begin");
  await live.query(`update "MemoryNote" set content = 'a: live' where metadata ->> 'key' = 'a'`);
  const rolledBack = rollBack();
  await new Promise((resolve) => setTimeout(resolve, 300));
  await live.query("commit");
  await live.end();
  expect(keptOf(await rolledBack)).toEqual([["MemoryNote", expect.any(String), "edited since"]]);
  expect((await rowsOf(db, "MemoryNote")).map(({ content }) => content)).toEqual(["a: live"]);
});
