import { expect, test } from "@jest/globals";
import { MustWait } from "../../../scripts/lib/errors.ts";
import { refuseBeforeTime } from "../../../scripts/lib/journal/pause.ts";
import { useDatabase } from "../../helpers/database.ts";

const SCRIPT = "backfill-freshchat-messages";
const db = useDatabase();

const addRun = (status: string, until: string | null, script = SCRIPT) =>
  db.query(
    `insert into migration_runs (batch, script, mode, status, host, pid, error, progress)
     values (7, $1, 'write', $2, 'here', 1, 'Freshchat asks to wait.', jsonb_build_object('until', now() + $3::interval))`,
    [script, status, until],
  );

test("A run is refused until the time that the last one was given", async () => {
  await addRun("waiting", "10 minutes");
  const refusal = refuseBeforeTime(db, SCRIPT);
  await expect(refusal).rejects.toThrow(/^Freshchat asks to wait\. Not before \d{4}-/);
  await expect(refusal).rejects.toBeInstanceOf(MustWait);
});

test.each([
  ["its time has come", "waiting", "-1 second"],
  ["it waited for something without a time", "waiting", null],
  ["it has completed", "completed", "10 minutes"],
])("A run is not refused where the last one waited and %s", async (_, status, until) => {
  await addRun("waiting", "10 minutes");
  await addRun(status, until);
  await refuseBeforeTime(db, SCRIPT);
});

test("Another script's wait is its own", async () => {
  await addRun("waiting", "10 minutes", "sync-wildberries-chats");
  await refuseBeforeTime(db, SCRIPT);
});
