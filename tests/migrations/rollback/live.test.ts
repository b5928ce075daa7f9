/** Live sessions that write while a rollback runs: each is held at a lock of the other's, then let go. */
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import pg from "pg";
import conversations from "../../../scripts/migrations/backfill-conversations-messages.ts";
import customers from "../../../scripts/migrations/backfill-customers.ts";
import { addAudit } from "../../helpers/audits.ts";
import { addConversation, addCustomer, addLead, addMessage, countRows, rowsOf } from "../../helpers/crm.ts";
import { useDatabase } from "../../helpers/database.ts";
import { runInProcess, until } from "../../helpers/script.ts";
import { keptOf, rollBack } from "./rollback.ts";

/** Two sessions of people who work: one holds something up, the other does what the test is about. */
let holder: pg.Client;
let live: pg.Client;

// Before the database is dropped: hooks run in this order.
afterEach(() => Promise.all([holder.end(), live.end()]));

const db = useDatabase();

beforeEach(async () => {
  [holder, live] = [new pg.Client(db.url), new pg.Client(db.url)];
  await Promise.all([holder.connect(), live.connect()]);
});

/** How many sessions wait for a lock. */
const waiting = async (sessions: number) =>
  until(async () => {
    const { rows } = await db.query(
      "select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()",
    );
    return rows.length === sessions;
  }, `${sessions} sessions that wait`);

/** Two backfilled conversations of a message each, in the order in which a rollback locks them. */
async function migrateTwo(): Promise<{ first: string; second: string; message: string }> {
  for (const _ of [1, 2]) await addAudit(db, await addLead(db));
  await runInProcess(conversations, db);
  const [first = "", second = ""] = (await rowsOf(db, "Conversation", "id")).map(({ id }) => id as string);
  const message = (await rowsOf(db, "Message")).find(({ conversation_id }) => conversation_id === second)?.id;
  return { first, second, message };
}

/** Holds a row until the holder commits. */
const hold = async (table: string, id: string) => {
  await holder.query("begin");
  await holder.query(`select from "${table}" where id = $1 for update`, [id]);
};

test("a live message that commits while the rollback waits for another conversation survives", async () => {
  const { first, second } = await migrateTwo();
  await hold("Conversation", first);
  const rollback = rollBack(db, 4);
  await waiting(1);
  const message = await addMessage(live, second, { content: "live" });
  await holder.query("commit");
  expect(keptOf(await rollback)).toEqual([["Conversation", second, "holds messages that stay"]]);
  expect((await rowsOf(db, "Message")).map(({ id }) => id)).toEqual([message]);
});

test("a live message that is written but not committed makes the rollback wait, and survives", async () => {
  const { second } = await migrateTwo();
  await live.query("begin");
  await addMessage(live, second, { content: "live" });
  const rollback = rollBack(db, 4);
  await waiting(1);
  await live.query("commit");
  expect(keptOf(await rollback)).toEqual([["Conversation", second, "holds messages that stay"]]);
  expect((await rowsOf(db, "Message")).map(({ content }) => content)).toEqual(["live"]);
});

test("a live message that comes later waits, then finds its conversation gone", async () => {
  const { second, message } = await migrateTwo();
  await hold("Message", message);
  const rollback = rollBack(db, 4);
  await waiting(1);
  const insert = addMessage(live, second, { content: "live" }).catch((error: unknown) => error);
  await waiting(2);
  await holder.query("commit");
  expect(keptOf(await rollback)).toEqual([]);
  expect(await insert).toMatchObject({ code: "23503" });
  expect([await countRows(db, "Conversation"), await countRows(db, "Message")]).toEqual([0, 0]);
});

test("a live message that comes later into a conversation that is kept waits, and is stored", async () => {
  const { second, message } = await migrateTwo();
  await db.query(`update "Conversation" set tag = 'sales' where id = $1`, [second]);
  await hold("Message", message);
  const rollback = rollBack(db, 4);
  await waiting(1);
  const insert = addMessage(live, second, { content: "live" });
  await waiting(2);
  await holder.query("commit");
  expect(keptOf(await rollback)).toEqual([["Conversation", second, "edited since"]]);
  expect((await rowsOf(db, "Message")).map(({ id }) => id)).toEqual([await insert]);
});

test("a message that is edited while the rollback waits to delete it is kept, with its conversation", async () => {
  const { second, message } = await migrateTwo();
  await hold("Message", message);
  const rollback = rollBack(db, 4);
  await waiting(1);
  await holder.query(`update "Message" set content = 'corrected' where id = $1`, [message]);
  await holder.query("commit");
  expect(keptOf(await rollback)).toEqual([
    ["Conversation", second, "holds messages that stay"],
    ["Message", message, "edited since"],
  ]);
});

test("a row that comes to refer to a message while the rollback waits is not deleted with it", async () => {
  const { second, message } = await migrateTwo();
  await db.query('create table attachment (message uuid references "Message" (id) on delete cascade)');
  await live.query("begin");
  await live.query("insert into attachment values ($1)", [message]);
  const rollback = rollBack(db, 4);
  await waiting(1);
  await live.query("commit");
  expect(keptOf(await rollback)).toEqual([
    ["Conversation", second, "holds messages that stay"],
    ["Message", message, "in use by attachment"],
  ]);
  expect(await countRows(db, "attachment")).toBe(1);
});

test("a conversation that gets a customer while the rollback waits to restore it is left as it is, and listed", async () => {
  const lead = await addLead(db);
  const id = await addConversation(db, { lead_id: lead, metadata: { source: "audit_backfill" } });
  await addAudit(db, lead);
  await runInProcess(conversations, db);
  await hold("Conversation", id);
  const rollback = rollBack(db, 4);
  await waiting(1);
  const customer = await addCustomer(db);
  await holder.query('update "Conversation" set customer_id = $1', [customer]);
  await holder.query("commit");
  expect(keptOf(await rollback)).toEqual([["Conversation", id, "edited since: customer_id and last_message_at stay"]]);
  expect((await rowsOf(db, "Conversation"))[0]).toMatchObject({ customer_id: customer });
});

test("a live lead that takes a customer while the rollback waits keeps it; one that comes later is refused", async () => {
  for (const messenger_psid of ["a", "b", "c"]) await addLead(db, { messenger_psid });
  await runInProcess(customers, db);
  const [first = "", second = "", third = ""] = (await rowsOf(db, "Customer", "id")).map(({ id }) => id as string);
  const { rows } = await db.query<{ id: string }>('select id from "Lead" where customer_id = $1', [third]);
  await hold("Customer", first);
  const rollback = rollBack(db, 3);
  await waiting(1);
  const lead = await addLead(live, { customer_id: second });
  // Held at a lead of the third, the rollback has all customers.
  await live.query("begin");
  await live.query('select from "Lead" where id = $1 for update', [rows[0]?.id]);
  await holder.query("commit");
  await until(async () => (await db.query(WAITS_FOR_LEAD)).rows.length === 1, "the rollback waits for a lead");
  const late = addLead(holder, { customer_id: third }).catch((error: unknown) => error);
  await waiting(2);
  await live.query("commit");
  expect(keptOf(await rollback)).toEqual([["Customer", second, 'in use by "Lead"']]);
  expect(await late).toMatchObject({ code: "23503" });
  expect((await rowsOf(db, "Lead")).find(({ id }) => id === lead)).toMatchObject({ customer_id: second });
});

/** Sessions whose `update "Lead"` waits for another. */
const WAITS_FOR_LEAD = `
  select from pg_locks l join pg_stat_activity a using (pid)
   where a.datname = current_database() and a.wait_event_type = 'Lock'
     and l.relation = '"Lead"'::regclass and l.mode = 'RowExclusiveLock'`;
