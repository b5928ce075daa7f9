import { expect, test } from "@jest/globals";
import batch from "../../../scripts/migrations/backfill-conversations-messages.ts";
import { addAudit, addAudits, allowMessages, refuseMessages } from "../../helpers/audits.ts";
import { addLead, countRows, rowsOf } from "../../helpers/crm.ts";
import { useDatabase } from "../../helpers/database.ts";
import { numbersOf, runInProcess } from "../../helpers/script.ts";

const db = useDatabase();

/** A lead with `count` audits, of which those at these seconds are refused; their ids. */
async function addWithBad(count: number, ...seconds: number[]): Promise<string[]> {
  const lead = await addLead(db);
  await addAudits(db, lead, count);
  const bad: string[] = [];
  for (const second of seconds) {
    const created_at = new Date(Date.UTC(2025, 0, 2, 0, 0, second, 500)).toISOString();
    bad.push(await addAudit(db, lead, { payload: { text: "bad word" }, created_at }));
  }
  return bad.sort();
}

const unresolved = async () =>
  (await rowsOf(db, "migration_errors", "item_key"))
    .filter(({ resolved_at }) => resolved_at === null)
    .map(({ item_key }) => item_key);

test("exactly the rows that a constraint refuses go to quarantine, with key, SQLSTATE and message", async () => {
  const bad = await addWithBad(500, 0, 7, 8, 250, 501);
  await refuseMessages(db, "bad");
  const { document, exitCode, output } = await runInProcess(batch, db, ["--chunk-size", "100"]);
  expect(document.errors).toEqual(
    bad.map((key) => ({ key, code: "23514", message: expect.stringContaining('"no_bad_words" (SQLSTATE 23514)') })),
  );
  expect(await unresolved()).toEqual(bad);
  expect(document.stats).toMatchObject({ auditsProcessed: 505, messagesCreated: 500, messagesSkipped: 0, errors: 5 });
  expect(document.status).toBe("completed_with_errors");
  expect(exitCode).toBe(1);
  // What PostgreSQL quotes of the row is for --verbose only.
  expect(output).not.toContain("bad word");
});

test("a trigger that raises an error of its own costs its rows only", async () => {
  const [bad] = await addWithBad(50, 20);
  await db.query(`create function refuse() returns trigger language plpgsql as $$
                  begin raise exception 'not this one'; end $$`);
  await db.query(`create trigger refuse before insert on "Message" for each row
                    when (new.content = 'bad word') execute function refuse()`);
  const { document } = await runInProcess(batch, db);
  expect(document.errors).toEqual([{ key: bad, code: "P0001", message: "not this one (SQLSTATE P0001)" }]);
  expect(document.stats).toMatchObject({ messagesCreated: 50, errors: 1 });
});

test("the conversation of a lead whose only audit is refused is made all the same", async () => {
  await addWithBad(0, 1);
  await refuseMessages(db, "bad");
  const { document } = await runInProcess(batch, db);
  expect(document.stats).toMatchObject({ conversationsCreated: 1, messagesCreated: 0, auditsProcessed: 1, errors: 1 });
});

test("every run counts what is unresolved and ends with 1; --retry-errors stores it once it is allowed", async () => {
  const bad = await addWithBad(40, 3, 9);
  await refuseMessages(db, "bad");
  await runInProcess(batch, db);
  const again = await runInProcess(batch, db);
  expect(again).toMatchObject({ exitCode: 1, document: { stats: { messagesCreated: 0, errors: 2 } } });
  const still = await runInProcess(batch, db, ["--retry-errors"]);
  expect(still).toMatchObject({ exitCode: 1, document: { stats: { auditsProcessed: 2, errors: 2 } } });
  await allowMessages(db);
  // Without the option it is not tried again.
  expect((await runInProcess(batch, db)).document.stats).toMatchObject({ messagesCreated: 0, errors: 2 });
  const dry = await runInProcess(batch, db, ["--retry-errors", "--dry-run"]);
  const retried = await runInProcess(batch, db, ["--retry-errors"]);
  expect(retried).toMatchObject({ exitCode: 0, document: { stats: { messagesCreated: 2, errors: 0 } } });
  expect(dry).toMatchObject({ exitCode: 0, document: { stats: retried.document.stats } });
  expect(await unresolved()).toEqual([]);
  expect(await rowsOf(db, "migration_errors", "id")).toHaveLength(bad.length);
  expect(await runInProcess(batch, db)).toMatchObject({ exitCode: 0, document: { stats: { messagesSkipped: 42 } } });
});

test("--retry-errors stores an item whatever --actors says now", async () => {
  await addAudit(db, await addLead(db), { actor: "tool", payload: { text: "bad word" } });
  await refuseMessages(db, "bad");
  await runInProcess(batch, db, ["--actors", "tool"]);
  await allowMessages(db);
  const { document } = await runInProcess(batch, db, ["--retry-errors"]);
  expect(document.stats).toMatchObject({ messagesCreated: 1, errors: 0 });
  expect(await countRows(db, "Message")).toBe(1);
});

test("--retry-errors lets go of an item that is gone at the source", async () => {
  const [first] = await addWithBad(5, 1, 2);
  await refuseMessages(db, "bad");
  await runInProcess(batch, db);
  await db.query('delete from "Audit" where id = $1', [first]);
  const { document, output } = await runInProcess(batch, db, ["--retry-errors"]);
  expect(document.stats).toMatchObject({ auditsProcessed: 1, errors: 1 });
  expect(output).toContain("1 quarantined items are gone");
});

test("a page of twenty that fails in every item stops the run, and nothing is quarantined", async () => {
  await addWithBad(100);
  await refuseMessages(db, "text (2[1-9]|[3-9][0-9]|100)");
  const { document, exitCode } = await runInProcess(batch, db, ["--chunk-size", "20"]);
  expect(document).toMatchObject({ status: "failed", stats: { messagesCreated: 20, errors: 0 } });
  expect(document.message).toMatch(/^All 20 items of a page failed/);
  expect(exitCode).toBe(1);
  expect(await countRows(db, "migration_checkpoints")).toBeGreaterThan(0);
  await allowMessages(db);
  const next = await runInProcess(batch, db, ["--chunk-size", "20"]);
  expect(next.document).toMatchObject({ resumedFrom: document.runId, stats: { messagesCreated: 80, errors: 0 } });
});

test("a page of nineteen that fails in every item is quarantined", async () => {
  await addWithBad(19);
  await refuseMessages(db, "text");
  const { document } = await runInProcess(batch, db);
  expect(document).toMatchObject({ status: "completed_with_errors", stats: { messagesCreated: 0, errors: 19 } });
});

test.each([
  { allowed: "1", exitCode: 1, status: "failed", created: 20 },
  { allowed: "2", exitCode: 1, status: "completed_with_errors", created: 40 },
])("--max-errors $allowed with two bad rows: $status", async ({ allowed, exitCode, status, created }) => {
  await addWithBad(40, 3, 9);
  await refuseMessages(db, "bad");
  const run = await runInProcess(batch, db, ["--max-errors", allowed, "--chunk-size", "22"]);
  expect(run).toMatchObject({ exitCode, document: { status, stats: { errors: 2, messagesCreated: created } } });
});

test("what is not the row's fault stops the run and is never quarantined", async () => {
  await addWithBad(40);
  await db.query(`create function refuse() returns trigger language plpgsql as $$
                  begin raise exception 'disk full' using errcode = '53100'; end $$`);
  await db.query(`create trigger refuse before insert on "Message" for each row
                    when (new.content = 'text 30') execute function refuse()`);
  const { document, exitCode } = await runInProcess(batch, db, ["--chunk-size", "10"]);
  expect(document).toMatchObject({ status: "failed", message: "disk full (SQLSTATE 53100)" });
  expect(document.stats).toMatchObject({ messagesCreated: 20, errors: 0 });
  expect(exitCode).toBe(1);
  expect(await unresolved()).toEqual([]);
});

test("one bad row in a page of 5,000 takes about log2(5,000) attempts", async () => {
  await addWithBad(4_999, 2_000);
  await refuseMessages(db, "bad");
  await db.query("create sequence attempts");
  await db.query(`create function attempt() returns trigger language plpgsql as $$
                  begin perform nextval('attempts'); return null; end $$`);
  await db.query('create trigger attempt before insert on "Message" execute function attempt()');
  await runInProcess(batch, db);
  const { rows } = await db.query<{ last_value: string }>("select last_value from attempts");
  expect(Number(rows[0]?.last_value)).toBeLessThan(2 * Math.log2(5_000) + 6);
  expect(await countRows(db, "Message")).toBe(4_999);
});

test("retrying several audits of a lead whose conversation was refused counts one conversation, rehearsed and run", async () => {
  await addAudits(db, await addLead(db), 3);
  await db.query('alter table "Conversation" add constraint closed check (false) not valid');
  await runInProcess(batch, db);
  await db.query('alter table "Conversation" drop constraint closed');
  const dry = await runInProcess(batch, db, ["--retry-errors", "--dry-run"]);
  const real = await runInProcess(batch, db, ["--retry-errors"]);
  expect(real.document.stats).toMatchObject({ conversationsCreated: 1, messagesCreated: 3, errors: 0 });
  expect(numbersOf(dry)).toEqual(numbersOf(real));
});
