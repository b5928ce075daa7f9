/** The rollbacks of batches 6 to 8: the same statements, tried on the threads that batch 6 would store. */
import { readFile } from "node:fs/promises";
import { expect, test } from "@jest/globals";
import pg from "pg";
import { batchOf as entryOf } from "../../../scripts/lib/batches.ts";
import type { ThreadPage } from "../../../scripts/lib/thread.ts";
import { addConversation, addCustomer, addLead, addMessage, addRow, countRows, rowsOf } from "../../helpers/crm.ts";
import { useDatabase } from "../../helpers/database.ts";
import { runInProcess, until } from "../../helpers/script.ts";
import { batchOf, message, page, RULES, thread } from "../../lib/sinks/bed.ts";
import { fileOf, keptOf, rollBack } from "./rollback.ts";

const db = useDatabase();

const run = (pages: readonly ThreadPage[]) => runInProcess(batchOf(pages), db);
const idsOf = async (table: string, order?: string) => (await rowsOf(db, table, order)).map(({ id }) => id as string);

/** Two dialogs of people with a phone and a nick, two messages each. */
const dialogs = () =>
  ["1", "2"].map((id) =>
    page(
      thread({
        id,
        person: { key: `phone:${id}`, phone: `100000000${id}`, nick: `nick${id}`, name: "Ada" },
        messages: [message(`${id}a`, 1), message(`${id}b`, 2)],
      }),
    ),
  );

const SOURCES = { 6: "umnico_backfill", 7: "freshchat_backfill", 8: "wildberries_sync" } as const;

/** A file without what only its own batch is called. */
async function unnamed(batch: keyof typeof SOURCES): Promise<string> {
  const { name } = entryOf(batch);
  const text = await readFile(fileOf(batch, "rollback"), "utf8");
  return text
    .replaceAll(SOURCES[batch], "<source>")
    .replaceAll(name, "<name>")
    .replaceAll(name.replaceAll("-", "_"), "<action>")
    .replaceAll(new RegExp(`batch ${batch}\\b`, "g"), "batch <n>");
}

test("the three files differ in names only", async () => {
  const umnico = await unnamed(6);
  expect(umnico).toContain("<source>");
  expect(await unnamed(7)).toBe(umnico);
  expect(await unnamed(8)).toBe(umnico);
});

test("every table is what it was, and the batch runs again to the same rows", async () => {
  const customer = await addCustomer(db, { phone: "1000000001", name: null });
  await addRow(db, "bookings", { customer_id: customer, start_at: "2025-01-01Z", end_at: "2025-01-02Z" });
  const metadata = { source: RULES.source };
  const conversation = await addConversation(db, { channel: "whatsapp", external_id: "2", metadata });
  await addMessage(db, conversation, { content: "earlier" });
  const before = await db.snapshot();
  await run(dialogs());
  const stored = await db.snapshot({ tables: ["migration_effects"] });
  const { notices, resultSets } = await rollBack(db, 6);
  expect([notices, resultSets]).toEqual([["rolling back ALL runs of batch 6"], [[]]]);
  expect(await db.snapshot()).toEqual(before);
  expect((await rowsOf(db, "migration_runs", "id")).map(({ status }) => status)).toEqual(["rolled_back"]);
  await run(dialogs());
  expect(await db.snapshot({ tables: ["migration_effects"] })).toEqual(stored);
});

test("one run of two is taken back, then the other; together they leave nothing", async () => {
  const before = await db.snapshot();
  const [first = page(), second = page()] = dialogs();
  const { document: one } = await run([first]);
  const afterFirst = await db.snapshot();
  const more = page(thread({ id: "1", coverage: { kind: "partial", reason: "cut" }, messages: [message("1c", 3)] }));
  const { document: two } = await run([more, second]);
  const { notices } = await rollBack(db, 6, two.runId);
  expect(notices).toEqual([`rolling back run ${two.runId}`]);
  expect(await db.snapshot()).toEqual(afterFirst);
  await rollBack(db, 6, one.runId);
  expect(await db.snapshot()).toEqual(before);
});

test("a conversation that a later run wrote into outlives the first run's rollback, and goes with the second's", async () => {
  const before = await db.snapshot();
  const { document: first } = await run(dialogs().slice(0, 1));
  await run([page(thread({ id: "1", messages: [message("1c", 3)] }))]);
  const [conversation] = await idsOf("Conversation");
  const [customer] = await idsOf("Customer");
  expect(keptOf(await rollBack(db, 6, first.runId))).toEqual([
    ["Conversation", conversation, "holds messages that stay"],
    ["Customer", customer, 'in use by "Conversation"'],
  ]);
  expect(await countRows(db, "Message")).toBe(1);
  expect(keptOf(await rollBack(db, 6))).toEqual([]);
  expect(await db.snapshot()).toEqual(before);
});

test("a live message stays, with its conversation and customer; once it is gone, so are they", async () => {
  const before = await db.snapshot();
  await run(dialogs().slice(0, 1));
  const [conversation = ""] = await idsOf("Conversation");
  const [customer] = await idsOf("Customer");
  const live = await addMessage(db, conversation, { content: "live" });
  const kept = [
    ["Conversation", conversation, "holds messages that stay"],
    ["Customer", customer, 'in use by "Conversation"'],
  ];
  expect(keptOf(await rollBack(db, 6))).toEqual(kept);
  expect(await idsOf("Message")).toEqual([live]);
  expect(keptOf(await rollBack(db, 6))).toEqual(kept);
  await db.query('delete from "Message"');
  expect(keptOf(await rollBack(db, 6))).toEqual([]);
  expect(await db.snapshot()).toEqual(before);
});

test("what was edited or is used by others stays and is listed, the rows that refer to it whole", async () => {
  const ids = ["1", "2", "3", "4", "5", "6"];
  await run(
    ids.map((id) =>
      page(thread({ id, person: { key: `p${id}`, phone: `100000000${id}`, nick: id }, messages: [message(id)] })),
    ),
  );
  const conversations = new Map((await rowsOf(db, "Conversation")).map((row) => [row.external_id, row]));
  const [edited, tagged, named, led, known, noted] = ids.map((id) => conversations.get(id));
  await db.query(`update "Message" set content = 'corrected' where conversation_id = $1`, [edited?.id]);
  await db.query(`update "Conversation" set tag = 'sales' where id = $1`, [tagged?.id]);
  await db.query(`update "Customer" set name = 'Corrected' where id = $1`, [named?.customer_id]);
  await addLead(db, { customer_id: led?.customer_id });
  await addRow(db, "external_refs", {
    entity_type: "client",
    entity_id: known?.customer_id,
    system: "x",
    external_id: "1",
  });
  await db.query(
    `update external_refs set external_id = 'renamed' where external_id = '5' and entity_type = 'conversation'`,
  );
  await addRow(db, "MemoryNote", { conversation_id: noted?.id, content: "likes tea" });
  const messages = await rowsOf(db, "Message");
  const corrected = messages.find(({ content }) => content === "corrected")?.id;
  const renamed = (await rowsOf(db, "external_refs", "id")).find(({ external_id }) => external_id === "renamed")?.id;
  expect(keptOf(await rollBack(db, 6)).sort()).toEqual(
    [
      ["Message", corrected, "edited since"],
      ["Conversation", edited?.id, "holds messages that stay"],
      ["Customer", edited?.customer_id, 'in use by "Conversation"'],
      ["Conversation", tagged?.id, "edited since"],
      ["Customer", tagged?.customer_id, 'in use by "Conversation"'],
      ["Customer", named?.customer_id, "edited since"],
      ["Customer", led?.customer_id, 'in use by "Lead"'],
      ["Customer", known?.customer_id, "in use by external_refs"],
      ["Conversation", known?.id, "in use by external_refs"],
      ["external_refs", renamed, "edited since"],
      ["Conversation", noted?.id, 'in use by "MemoryNote"'],
      ["Customer", noted?.customer_id, 'in use by "Conversation"'],
    ].sort(),
  );
  expect((await rowsOf(db, "Lead"))[0]).toMatchObject({ customer_id: led?.customer_id });
  expect((await rowsOf(db, "MemoryNote"))[0]).toMatchObject({ conversation_id: noted?.id });
});

test("what a live session has changed since in a row that was there before stays, and is listed", async () => {
  const customer = await addCustomer(db, { phone: "1000000001", name: null });
  const metadata = { source: RULES.source };
  const conversation = await addConversation(db, { external_id: "1", metadata, customer_id: customer });
  await run(dialogs().slice(0, 1));
  await db.query(`update "Customer" set name = 'Eve'`);
  await db.query(`update "Conversation" set last_message_at = '2025-09-09Z'`);
  const reason = "edited since: what the run changed in it stays";
  expect(keptOf(await rollBack(db, 6))).toEqual([
    ["Conversation", conversation, reason],
    ["Customer", customer, reason],
  ]);
  expect((await rowsOf(db, "Conversation"))[0]).toMatchObject({ last_message_at: new Date("2025-09-09Z") });
  expect((await rowsOf(db, "Customer"))[0]).toMatchObject({ name: "Eve" });
});

test("what a live session edits between two pages of a run is not taken for the run's own change", async () => {
  const customer = await addCustomer(db, { phone: "1000000009", name: null });
  const metadata = { source: RULES.source };
  const there = await addConversation(db, { external_id: "there", metadata, customer_id: customer });
  // Whoever sees the first message of a conversation answers the second one.
  await db.query(`create function answer() returns trigger language plpgsql as $$ begin
      update "Conversation" set status = 'closed', closed_at = now(), last_message_at = '2025-01-20Z'
       where id = new.conversation_id and new.content = 'text first';
      return null;
    end $$`);
  await db.query('create trigger live after insert on "Message" for each row execute function answer()');
  await run([
    page(...["made", "there"].map((id) => thread({ id, messages: [message(`${id}1`, 1, { content: "text first" })] }))),
    page(...["made", "there"].map((id) => thread({ id, messages: [message(`${id}2`, 21)] }))),
  ]);
  const made = (await rowsOf(db, "Conversation")).find(({ external_id }) => external_id === "made");
  expect(keptOf(await rollBack(db, 6)).sort()).toEqual(
    [
      ["Conversation", made?.id, "edited since"],
      ["Conversation", there, "edited since: what the run changed in it stays"],
    ].sort(),
  );
});

test("metadata that was JSON's null, nothing, or no object, is that again", async () => {
  for (const [id, metadata] of [
    ["1", "null"],
    ["2", null],
    ["3", "[1]"],
    ["4", "{}"],
  ]) {
    const conversation = await addConversation(db, { channel: "whatsapp" });
    await db.query('update "Conversation" set metadata = $2 where id = $1', [conversation, metadata]);
    const ref = { entity_type: "conversation", entity_id: conversation, system: RULES.refs, external_id: id };
    await addRow(db, "external_refs", ref);
  }
  const raw = async () => (await db.query('select id, metadata::text as json from "Conversation" order by id')).rows;
  const before = await raw();
  const coverage = { kind: "partial", reason: "cut" } as const;
  await run([page(...["1", "2", "3", "4"].map((id) => thread({ id, coverage, messages: [message(`${id}a`)] })))]);
  expect(await raw()).not.toEqual(before);
  expect(keptOf(await rollBack(db, 6))).toEqual([]);
  expect(await raw()).toEqual(before);
});

test("a booking that messages of an earlier run were given is taken from them again", async () => {
  await run(dialogs().slice(0, 1));
  const [customer_id] = await idsOf("Customer");
  await addRow(db, "bookings", { customer_id, start_at: "2025-01-01Z", end_at: "2025-01-02Z" });
  const before = await db.snapshot();
  const { document } = await run(dialogs().slice(0, 1));
  expect(document.stats).toMatchObject({ bookingsLinked: 1, messagesInserted: 0 });
  expect((await rowsOf(db, "Message")).map(({ booking_id }) => booking_id !== null)).toEqual([true, false]);
  await rollBack(db, 6, document.runId);
  expect(await db.snapshot()).toEqual(before);
});

test("what a run changed in a store is taken back, the last change first", async () => {
  await db.query(`insert into stores (id, name, total_chats) values ('s', 'Shop', 7)`);
  const before = await db.snapshot();
  const change = async (runId: number, cursor: string) => {
    await db.query(`insert into migration_runs (id, batch, script, mode, status, host, pid)
                    values (${runId}, 8, 'sync-wildberries-chats', 'write', 'completed', 'h', 1)`);
    await db.query(
      `set timezone = 'UTC'; -- the session that the hash is made in
       with old as (select * from stores),
            new as (update stores set chat_cursor = '${cursor}', total_chats = total_chats + 1, next_request_at = now() returning *)
       insert into migration_effects (run_id, table_name, row_id, action, before, hash)
       select ${runId}, 'stores', old.id, 'update',
              jsonb_build_object('chat_cursor', old.chat_cursor, 'total_chats', old.total_chats,
                                 'next_request_at', old.next_request_at),
              md5(jsonb_build_array(new.chat_cursor, new.total_chats, new.next_request_at)::text)
         from old, new`,
    );
  };
  await change(1, "100");
  await change(2, "200");
  await rollBack(db, 8);
  expect(await db.snapshot()).toEqual(before);
});

test("a live message that commits while the rollback waits survives", async () => {
  await run(dialogs());
  const [first = "", second = ""] = await idsOf("Conversation", "id");
  const holder = new pg.Client(db.url);
  await holder.connect();
  try {
    await holder.query("begin");
    await holder.query('select from "Conversation" where id = $1 for update', [first]);
    const rollback = rollBack(db, 6);
    await until(async () => {
      const { rows } = await db.query(
        "select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()",
      );
      return rows.length === 1;
    }, "the rollback waits");
    const live = await addMessage(db, second, { content: "live" });
    await holder.query("commit");
    expect(keptOf(await rollback)).toContainEqual(["Conversation", second, "holds messages that stay"]);
    expect(await idsOf("Message")).toEqual([live]);
  } finally {
    await holder.end();
  }
});

test("a change in a table that the file does not know stops it, and nothing is changed", async () => {
  const { document } = await run(dialogs());
  await db.query(
    `insert into migration_effects (run_id, table_name, row_id, action, before, hash)
     values ($1, 'Lead', 'x', 'update', '{}', '')`,
    [document.runId],
  );
  const before = await db.snapshot();
  await expect(rollBack(db, 6)).rejects.toThrow("holds a change of Lead");
  expect(await db.snapshot()).toEqual(before);
});
