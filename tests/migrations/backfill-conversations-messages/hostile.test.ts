import { expect, test } from "@jest/globals";
import batch from "../../../scripts/migrations/backfill-conversations-messages.ts";
import { addAudit, addAudits } from "../../helpers/audits.ts";
import { addLead, countRows, rowsOf } from "../../helpers/crm.ts";
import { useDatabase } from "../../helpers/database.ts";
import { runInProcess } from "../../helpers/script.ts";

const db = useDatabase();

const MEGABYTE = 1024 ** 2;

/** Text of that many bytes, all of its words different. */
function distinctWords(bytes: number): string {
  const words: string[] = [];
  for (let length = 0, n = 0; length < bytes; n++) {
    const word = `w${n.toString(36)}`;
    words.push(word);
    length += word.length + 1;
  }
  return words.join(" ");
}

/** Addresses of web pages: the search index keeps each of them whole, its host, and its path. */
const addresses = (count: number): string =>
  Array.from({ length: count }, (_, n) => `a${n.toString(36)}.io/${n.toString(36)}`).join(" ");

test("a text of 5 MB whose words repeat is stored whole", async () => {
  const text = "all work and no play ".repeat((5 * MEGABYTE) / 21).trim();
  await addAudit(db, await addLead(db), { payload: { text } });
  const { exitCode } = await runInProcess(batch, db);
  expect(exitCode).toBe(0);
  const { rows } = await db.query('select content = $1 as same from "Message"', [text]);
  expect(rows).toEqual([{ same: true }]);
});

test.each([
  { name: "1.5 MB of distinct words", text: distinctWords(1.5 * MEGABYTE) },
  { name: "480,000 bytes of web addresses", text: addresses(33_500) },
])("$name don't fit the search index: that one audit goes to quarantine, as the dry run said", async ({ text }) => {
  const lead = await addLead(db);
  await addAudits(db, lead, 30);
  const huge = await addAudit(db, lead, { payload: { text }, created_at: "2025-01-02T00:00:10.5Z" });
  const dry = await runInProcess(batch, db, ["--dry-run"]);
  const { document, exitCode, output } = await runInProcess(batch, db);
  expect(document.errors).toEqual([
    { key: huge, code: "54000", message: expect.stringContaining("too long for tsvector") },
  ]);
  expect(document.stats).toMatchObject({ auditsProcessed: 31, messagesCreated: 30, messagesSkipped: 0, errors: 1 });
  expect(exitCode).toBe(1);
  expect(output).toContain(`! ${huge}: `);
  expect(dry.document).toMatchObject({ stats: document.stats, errors: document.errors, status: document.status });
  expect(dry.exitCode).toBe(1);
});

test("without the indexes of batch 2 the same text is stored", async () => {
  await db.query('drop index "Message_content_fts_idx", "Message_content_fts_ru_idx"');
  await addAudit(db, await addLead(db), { payload: { text: distinctWords(1.5 * MEGABYTE) } });
  for (const argv of [["--dry-run"], []])
    expect(await runInProcess(batch, db, argv)).toMatchObject({
      exitCode: 0,
      document: { stats: { messagesCreated: 1 } },
    });
});

test("ten thousand audits with one timestamp are each stored once", async () => {
  const lead = await addLead(db);
  await addAudits(db, lead, 10_000, { everySecond: 0 });
  const { document } = await runInProcess(batch, db, ["--chunk-size", "999"]);
  expect(document.stats).toMatchObject({ conversationsCreated: 1, messagesCreated: 10_000, auditsProcessed: 10_000 });
  expect(await countRows(db, "Message")).toBe(10_000);
});

test("a lead with 200,000 audits is many pages and one conversation", async () => {
  const lead = await addLead(db);
  await addAudits(db, lead, 200_000);
  // What it costs to keep the search indexes is not the point here.
  await db.query('drop index "Message_content_fts_idx", "Message_content_fts_ru_idx"');
  const { document } = await runInProcess(batch, db, ["--chunk-size", "20000"]);
  expect(document.stats).toMatchObject({ conversationsCreated: 1, conversationsSkipped: 0, messagesCreated: 200_000 });
  const [conversation] = await rowsOf(db, "Conversation");
  const { rows } = await db.query('select max(created_at) as newest from "Message"');
  expect(conversation?.last_message_at).toEqual(rows[0]?.newest);
});

test("times at the ends of what PostgreSQL knows are kept", async () => {
  const lead = await addLead(db);
  const times = ["-infinity", "4713-01-01 00:00:00+00 BC", "294276-12-31 23:59:59.999999+00", "infinity"];
  for (const created_at of times) await addAudit(db, lead, { created_at });
  const { document } = await runInProcess(batch, db, ["--chunk-size", "1"]);
  expect(document.stats).toMatchObject({ messagesCreated: 4 });
  const { rows } = await db.query<{ at: string }>('select created_at::text as at from "Message" order by created_at');
  const { rows: expected } = await db.query(
    'select created_at::text as at from "Audit" where lead_id is not null order by created_at',
  );
  expect(rows).toEqual(expected);
});

test("the least and the greatest id of a lead and an audit are looked at", async () => {
  for (const digit of ["0", "f"]) {
    const id = "00000000-0000-0000-0000-000000000000".replaceAll("0", digit);
    await addLead(db, { id });
    await addAudit(db, id, { id });
  }
  const { document } = await runInProcess(batch, db);
  expect(document.stats).toMatchObject({ conversationsCreated: 2, messagesCreated: 2 });
});
