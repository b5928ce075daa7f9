import { expect, test } from "@jest/globals";
import batch from "../../../scripts/migrations/backfill-freshchat-messages.ts";
import { addMessage } from "../../helpers/crm.ts";
import { useDatabase } from "../../helpers/database.ts";
import { numbersOf, runInProcess } from "../../helpers/script.ts";
import { message, messages } from "../../helpers/stand-ins/freshchat.ts";
import { rollBack } from "../rollback/rollback.ts";
import { addTalk, useFolder, useFreshchat } from "./test-bed.ts";

const db = useDatabase();
const freshchat = useFreshchat();
const folder = useFolder();

/** Whatever a run can meet. */
async function addEverything(): Promise<string[]> {
  const theirs = await addTalk(db, freshchat, "theirs", messages("theirs", 130));
  await addMessage(db, theirs, { content: "known", metadata: { sourceId: "theirs-m130" } });
  await addTalk(db, freshchat, "odd", [
    ...messages("odd", 60),
    message("odd", 61, { message_type: "system" }),
    message("odd", 62, { message_type: "private" }),
    message("odd", 63, { actor_type: "robot" }),
    message("odd", 64, { message_parts: [{ text: { content: "\u0000 and \ud800" } }] }),
  ]);
  await addTalk(db, freshchat, "empty", []);
  await addTalk(db, freshchat, "gone", []);
  freshchat.conversations.delete("gone");
  for (const id of ["new1", "new2"]) freshchat.conversations.set(id, messages(id, 70));
  return ["--conversations-file", await folder.write("ids.txt", "new1\nnew2\nodd\nnew1\nmissing\n")];
}

const untimed = (ran: Parameters<typeof numbersOf>[0]) => ({
  ...numbersOf(ran),
  stats: { ...ran.document.stats, durationSeconds: 0 },
});

test("a dry run only reads, leaves nothing behind, and foretells every number", async () => {
  const argv = await addEverything();
  const before = await db.snapshot();
  const dry = await runInProcess(batch, db, [...argv, "--dry-run"]);
  expect(await db.snapshot()).toEqual(before);
  expect(new Set(freshchat.asked.map(({ method }) => method))).toEqual(new Set(["GET"]));
  const asked = freshchat.asked.length;
  const real = await runInProcess(batch, db, argv);
  expect(untimed(dry)).toEqual(untimed(real));
  expect(freshchat.asked).toHaveLength(2 * asked);
  expect(real.document).toMatchObject({
    stats: { totalConversations: 7, conversationsProcessed: 5, conversationsCreated: 2, totalMessagesFailed: 1 },
    skipped: { filtered: 1, gone: 2 },
  });
});

test("its line for each conversation is the real run's", async () => {
  const argv = await addEverything();
  const linesOf = ({ output }: { output: string }) => output.match(/^ +[✓✗-] Conversation .*$/gm);
  const dry = await runInProcess(batch, db, [...argv, "--dry-run"]);
  expect(linesOf(dry)).toHaveLength(7);
  expect(linesOf(await runInProcess(batch, db, argv))).toEqual(linesOf(dry));
});

test("a rollback restores every table, and the batch can run again with the same result", async () => {
  const argv = await addEverything();
  const before = await db.snapshot();
  await runInProcess(batch, db, argv);
  const after = await db.snapshot();
  await rollBack(db, 7);
  expect(await db.snapshot()).toEqual(before);
  await runInProcess(batch, db, argv);
  const { migration_errors: _, migration_effects: __, ...again } = await db.snapshot();
  expect(after).toMatchObject(again);
});

test("a rollback of one run leaves the other's messages", async () => {
  await addTalk(db, freshchat, "c1", messages("c1", 60));
  await runInProcess(batch, db);
  const after = await db.snapshot();
  freshchat.conversations.get("c1")?.push(message("c1", 61));
  const { document } = await runInProcess(batch, db);
  expect(document.stats).toMatchObject({ totalMessagesInserted: 1 });
  await rollBack(db, 7, document.runId);
  expect(await db.snapshot()).toEqual(after);
});
