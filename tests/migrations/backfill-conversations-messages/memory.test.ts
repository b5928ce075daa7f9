import { readFile } from "node:fs/promises";
import { expect, test } from "@jest/globals";
import { addAudits, holdAt } from "../../helpers/audits.ts";
import { addLead } from "../../helpers/crm.ts";
import { useDatabase } from "../../helpers/database.ts";
import { startScript, until } from "../../helpers/script.ts";

const db = useDatabase();
const MEGABYTE_IN_KB = 1024;

/** The most memory, in MB, that the script's process has had when it stands at the last audit of so many. */
async function peakAt(audits: number): Promise<number> {
  await addAudits(db, await addLead(db), audits);
  const hold = await holdAt(db, `text ${audits}`);
  const script = startScript("backfill-conversations-messages", [], { url: db.url });
  await until(hold.reached);
  const status = await readFile(`/proc/${script.pid()}/status`, "utf8");
  await hold.letGo();
  expect(await script.ended).toMatchObject({ exitCode: 0 });
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) / MEGABYTE_IN_KB;
}

// Other systems don't say how much memory a process has had.
const onLinux = process.platform === "linux" ? test : test.skip;

onLinux("a hundred thousand audits take no more memory than a thousand, and less than 200 MB", async () => {
  // What it costs to keep the search indexes is the server's affair.
  await db.query('drop index "Message_content_fts_idx", "Message_content_fts_ru_idx"');
  const few = await peakAt(1_000);
  await db.query('truncate "Audit", "Lead", "Conversation", "Message" cascade');
  await db.query('drop trigger wait_for_test on "Message"');
  await db.query("drop function wait_for_test");
  const many = await peakAt(100_000);
  expect(few).toBeGreaterThan(30);
  expect(many).toBeLessThan(few + 30);
  expect(many).toBeLessThan(200);
});
