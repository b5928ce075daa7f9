import { beforeEach, expect, test } from "@jest/globals";
import batch from "../../../scripts/migrations/backfill-memory-notes.ts";
import { addCustomer, addLead, rowsOf } from "../../helpers/crm.ts";
import { useDatabase } from "../../helpers/database.ts";
import { numbersOf, runInProcess } from "../../helpers/script.ts";
import { addRemembering } from "./states.ts";

const db = useDatabase();
const LEAD = "80000000-0000-4000-8000-000000000000";

/** From now on the database refuses notes that say so, as a constraint of the CRM's own might. */
const refuse = (pattern: string) =>
  db.query(`alter table "MemoryNote" add constraint no_bad_words check (content !~ '${pattern}') not valid`);
const allow = () => db.query('alter table "MemoryNote" drop constraint no_bad_words');
const contents = async () => (await rowsOf(db, "MemoryNote")).map(({ content }) => content).sort();

beforeEach(async () => {
  await addRemembering(db, { a: "fine", b: "bad", c: "fine" }, { id: LEAD });
  for (let n = 0; n < 30; n += 1) await addRemembering(db, { a: n, b: n });
});

test("a key that is refused costs this key, and neither its lead's others nor its page's", async () => {
  await refuse("bad");
  const { document, exitCode } = await runInProcess(batch, db);
  expect(document.errors).toEqual([
    { key: `${LEAD}/b`, code: "23514", message: expect.stringContaining("no_bad_words") },
  ]);
  expect(document).toMatchObject({
    status: "completed_with_errors",
    stats: { notesCreated: 62, leadsProcessed: 31, errors: 1 },
  });
  expect(exitCode).toBe(1);
  expect(await contents()).toHaveLength(62);
});

test("it is left alone until --retry-errors, which a dry run foretells", async () => {
  await refuse("bad");
  await runInProcess(batch, db);
  await allow();
  const dryAgain = await runInProcess(batch, db, ["--dry-run"]);
  const again = await runInProcess(batch, db);
  expect(again.document.stats).toMatchObject({ notesCreated: 0, notesUnchanged: 62, errors: 1 });
  expect(numbersOf(dryAgain)).toEqual(numbersOf(again));
  const dry = await runInProcess(batch, db, ["--retry-errors", "--dry-run"]);
  const retried = await runInProcess(batch, db, ["--retry-errors"]);
  expect(retried.document.stats).toMatchObject({ notesCreated: 1, notesUnchanged: 0, leadsProcessed: 1, errors: 0 });
  expect(numbersOf(dry)).toEqual(numbersOf(retried));
  expect(await contents()).toContain("b: bad");
  expect((await runInProcess(batch, db)).document.stats).toMatchObject({ notesUnchanged: 63, errors: 0 });
});

test("keys of any kind find their way out of the quarantine, and a lead of several counts once", async () => {
  const keys = ["", "a/b", "k".repeat(1 << 20), `${"k".repeat(1 << 20)}2`, "ключ".repeat(51), 'q"\\'];
  await addRemembering(db, Object.fromEntries(keys.map((key) => [key, "bad"])));
  await refuse("bad|^kkk");
  const first = await runInProcess(batch, db);
  expect(first.document.stats).toMatchObject({ errors: 7, leadsProcessed: 32 });
  for (const { key } of first.document.errors) expect(Buffer.byteLength(key)).toBeLessThan(300);
  await allow();
  const dry = await runInProcess(batch, db, ["--retry-errors", "--dry-run"]);
  const retried = await runInProcess(batch, db, ["--retry-errors"]);
  expect(retried.document.stats).toMatchObject({ notesCreated: 7, leadsProcessed: 2, errors: 0 });
  expect(numbersOf(dry)).toEqual(numbersOf(retried));
});

test("a changed value that is refused leaves the note as it was", async () => {
  await runInProcess(batch, db);
  const before = await contents();
  await refuse("worse");
  await db.query(`update "Lead" set state_metadata = '{"a": "fine", "b": "worse", "c": "finer"}' where id = $1`, [
    LEAD,
  ]);
  const { document } = await runInProcess(batch, db);
  expect(document.errors.map(({ key }) => key)).toEqual([`${LEAD}/b`]);
  expect(document.stats).toMatchObject({ notesUpdated: 1, notesUnchanged: 61, errors: 1 });
  expect(await contents()).toEqual(before.map((content) => (content === "c: fine" ? "c: finer" : content)).sort());
});

test("--retry-errors lets go of a key, or a lead, that is gone", async () => {
  const other = await addRemembering(db, { x: "bad" });
  await refuse("bad");
  expect((await runInProcess(batch, db)).document.stats).toMatchObject({ errors: 2 });
  await db.query(`update "Lead" set state_metadata = '{"a": 1}' where id = $1`, [LEAD]);
  await db.query('delete from "Lead" where id = $1', [other]);
  const { document, exitCode } = await runInProcess(batch, db, ["--retry-errors"]);
  expect([document.stats.errors, exitCode]).toEqual([0, 0]);
});

test("where every item fails the rows are not to blame: the run stops, and nothing is set aside", async () => {
  await refuse(".");
  const { document } = await runInProcess(batch, db);
  expect(document).toMatchObject({ status: "failed", stats: { notesCreated: 0, errors: 0 } });
  expect(document.message).toMatch(/items of a page failed/);
});

test("an index that keeps one note a customer quarantines the others", async () => {
  const customer = await addCustomer(db);
  for (let n = 0; n < 3; n += 1) await addLead(db, { customer_id: customer, state_metadata: { same: "text" } });
  await db.query(`create unique index on "MemoryNote" (customer_id, content)`);
  const { document } = await runInProcess(batch, db);
  expect(document.errors.map(({ code }) => code)).toEqual(["23505", "23505"]);
  expect(document.stats).toMatchObject({ notesCreated: 64, errors: 2 });
});
