import { afterEach, expect, test } from "@jest/globals";
import pg from "pg";
import { useDatabase } from "../helpers/database.ts";
import { type InProcess, runInProcess, until } from "../helpers/script.ts";
import { inPagesOf } from "../migrations/backfill-customers/pages.ts";
import { differenceOf, leftoversOf, NONE, stateOf } from "./final-state.ts";
import { CONVERSATIONS, CUSTOMERS, type Subject } from "./subjects.ts";

let other: pg.Client;
const deadlocks = new Map<string, number>();

afterEach(() => other.end()); // before its database is dropped
const calm = useDatabase();
const db = useDatabase();

/** Fills both databases, runs the batch on the one where nothing happens, and opens a session on the other one.
 * `without` takes rows out first. */
async function undisturbed({ fill, batch }: Subject, without = "select"): Promise<InProcess> {
  for (const each of [calm, db]) {
    await fill(each, 4);
    await each.query(without);
  }
  other = new pg.Client(db.url);
  await other.connect();
  await other.query("begin");
  return runInProcess(batch, calm, ["--workers", "1"]);
}

const waits = async () =>
  (
    await db.query(
      `select from pg_stat_activity
        where wait_event_type = 'Lock' and application_name = 'crm-migrations' and datname = current_database()`,
    )
  ).rows.length > 0;

async function expectSame(run: InProcess, expected: InProcess) {
  expect(run.document).toMatchObject({ status: expected.document.status, stats: expected.document.stats });
  expect(differenceOf(await stateOf(calm), await stateOf(db))).toEqual(NONE);
  expect(await leftoversOf(db)).toEqual([]);
}

const NO_BAD_AUDITS = `delete from "Audit" where id in (select id_of('bad', n) from generate_series(1, 3) n)`;

/** Whoever has waited for `deadlock_timeout` looks for a deadlock, once: the run's sessions long before the other one. */
async function letTheRunFindDeadlocks(): Promise<void> {
  await other.query("set deadlock_timeout = '1min'");
  const { rows } = await db.query<{ name: string }>("select quote_ident(current_database()) as name");
  await db.query(`alter database ${rows[0]?.name} set deadlock_timeout = '3s'`);
}

/** Rows that one page updates: six conversations that stand already, or the leads of a pass that have no customer. */
const ROWS = [
  { subject: CONVERSATIONS, batch: CONVERSATIONS.batch, table: "Conversation", rows: "true" },
  {
    subject: CUSTOMERS,
    batch: inPagesOf(1_000),
    table: "Lead",
    rows: "customer_id is null and messenger_psid is not null",
  },
].flatMap((row) => [0, 1].map((place) => ({ ...row, name: row.subject.name, place })));

test.each(ROWS)("$name does a page again that is the victim of a deadlock (row $place first)", async (asked) => {
  const { subject, batch, table, rows, place, name } = asked;
  // A bad row would have the page halved until it holds one of the rows only.
  const expected = await undisturbed(subject, NO_BAD_AUDITS);
  const first = `select id from "${table}" where ${rows} order by id offset ${place} limit 1`;
  await other.query(`select from "${table}" where id = (${first}) for update`);
  await letTheRunFindDeadlocks();
  const run = runInProcess(batch, db, ["--workers", "1", "--lock-timeout", "10s"]);
  await until(waits);
  // Whatever the page has locked before it came to the first: each waits for the other, and the page is the victim.
  await other.query(`select from "${table}" where ${rows} for update`);
  await other.query("commit");
  await expectSame(await run, expected);
  const { rows: seen } = await db.query<{ deadlocks: string }>(
    "select deadlocks from pg_stat_database where datname = current_database()",
  );
  deadlocks.set(name, (deadlocks.get(name) ?? 0) + Number(seen[0]?.deadlocks));
  // A page that comes to that row first waits, and has locked nothing that the other wants; that can be so of one row only.
  if (place === 1) expect(deadlocks.get(name)).toBeGreaterThan(0);
});

test.each([
  { subject: CONVERSATIONS, what: "a row", lock: `select from "Conversation" for update` },
  { subject: CONVERSATIONS, what: "a table", lock: `lock table "Message" in share mode` },
  { subject: CUSTOMERS, what: "rows", lock: `select from "Lead" for update` },
  { subject: CUSTOMERS, what: "a table", lock: `lock table "Customer" in share mode` },
])("$subject.name waits for whoever holds $what, and sets nothing aside", async ({ subject, lock }) => {
  const expected = await undisturbed(subject);
  await other.query(lock);
  const run = runInProcess(subject.batch, db, [...subject.argv, "--lock-timeout", "200ms"]);
  await until(waits);
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  await other.query("commit");
  const { output, ...conclusion } = await run;
  await expectSame({ output, ...conclusion }, expected);
  expect(output).toMatch(/lock timeout/);
});
