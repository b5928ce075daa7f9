import { expect, test } from "@jest/globals";
import { useDatabase } from "../../helpers/database.ts";
import { runInProcess, until } from "../../helpers/script.ts";
import { addManyStates, inPagesOf } from "./states.ts";

const db = useDatabase();
const NOTES = 3000;

test("pages look their notes up in the index, and do not read all of it each time", async () => {
  await addManyStates(db, NOTES / 5, 5);
  await runInProcess(inPagesOf(50), db);
  const read = async () => {
    const { rows } = await db.query<{ read: string }>(
      `select idx_tup_read as read from pg_stat_user_indexes where indexrelname = 'MemoryNote_lead_state_key'`,
    );
    return Number(rows[0]?.read);
  };
  await runInProcess(inPagesOf(50), db);
  // A connection tells the statistics what it did when it ends.
  await until(async () => (await read()) >= NOTES);
  expect(await read()).toBeLessThan(3 * NOTES);
});
