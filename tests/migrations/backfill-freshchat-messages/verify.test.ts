/** What verify.sql looks for in batch 7 alone; the checks that it shares with batches 6 and 8 are tested with theirs. */
import { beforeEach, expect, test } from "@jest/globals";
import { runChecks } from "../../../scripts/lib/checks.ts";
import { withDatabase } from "../../../scripts/lib/db/database.ts";
import batch from "../../../scripts/migrations/backfill-freshchat-messages.ts";
import { useDatabase } from "../../helpers/database.ts";
import { runInProcess } from "../../helpers/script.ts";
import { message, messages } from "../../helpers/stand-ins/freshchat.ts";
import { fileOf } from "../rollback/rollback.ts";
import { addTalk, useFolder, useFreshchat } from "./test-bed.ts";

const db = useDatabase();
const freshchat = useFreshchat();
const folder = useFolder();

beforeEach(async () => {
  const talk = [
    ...messages("c1", 60),
    message("c1", 61, { message_type: "private" }),
    message("c1", 62, { actor_type: "system" }),
    message("c1", 63, { actor_type: "BOT" }),
  ];
  await addTalk(db, freshchat, "c1", talk);
  freshchat.conversations.set("new", messages("new", 3));
  const argv = ["--conversations-file", await folder.write("ids.txt", "new\n")];
  expect(await runInProcess(batch, db, argv)).toMatchObject({ exitCode: 0 });
});

/** What the checks found. */
const broken = () =>
  withDatabase(db.address, { max: 1 }, async (database) =>
    (await runChecks(database, fileOf(7, "verify")))
      .filter(({ count, error }) => count > 0 || error !== undefined)
      .map(({ name, failed }) => ({ name, failed })),
  );

test("It holds after a run", async () => {
  expect(await broken()).toEqual([]);
});

test.each([
  {
    name: "roles follow from the actors, and private notes are of the system",
    by: `update "Message" set role = 'assistant' where metadata ->> 'sourceId' in ('c1-m1', 'c1-m61')`,
    failed: true,
  },
  {
    name: "no message of the service's own system was kept",
    by: `update "Message" set metadata = metadata || '{"messageSource": "SYSTEM"}' where metadata ->> 'sourceId' = 'new-m1'`,
    failed: true,
  },
  {
    name: "conversations that others made, and that are not known to be whole",
    by: `update "Conversation" set metadata = '{"partial": "cut"}' where external_id = 'c1'`,
    failed: false,
  },
])("It sees that this does not hold: $name", async ({ name, by, failed }) => {
  await db.query(by);
  expect(await broken()).toEqual([{ name, failed }]);
});
