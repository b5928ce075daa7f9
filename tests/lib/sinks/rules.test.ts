/** Which customer, conversation and booking a thread gets, and what changes in them. */
import { describe, expect, test } from "@jest/globals";
import type { Coverage, Person, ThreadPage } from "../../../scripts/lib/thread.ts";
import { addConversation, addCustomer, addMessage, addRow, countRows, rowsOf } from "../../helpers/crm.ts";
import { useDatabase } from "../../helpers/database.ts";
import { numbersOf, runInProcess } from "../../helpers/script.ts";
import { batchOf, message, type OtherRules, page, RULES, thread } from "./bed.ts";

const db = useDatabase();

/** Runs dry, then for real: both must say the same. */
async function store(pages: readonly ThreadPage[], rules: OtherRules = {}) {
  const dry = await runInProcess(batchOf(pages, rules), db, ["--dry-run"]);
  const real = await runInProcess(batchOf(pages, rules), db);
  expect(real.document.message).toBeUndefined();
  expect(numbersOf(dry)).toEqual(numbersOf(real));
  return real.document.stats;
}

const oneOf = async (table: string, order?: string) => (await rowsOf(db, table, order))[0] ?? {};
const dialog = (person: Person, id = "1") => page(thread({ id, person, messages: [message(id)] }));
const customerOf = async (id: string) =>
  (await rowsOf(db, "Conversation")).find(({ external_id }) => external_id === id)?.customer_id;

describe("A customer", () => {
  test("is found by nick before phone, by the oldest with that phone, else by its own id", async () => {
    const named = await addCustomer(db, { name: "Nick" });
    await addRow(db, "external_refs", { entity_type: "nick", entity_id: named, system: "umnico", external_id: "ada" });
    await addCustomer(db, { phone: "1000000001", name: "Young", created_at: "2025-01-02Z" });
    const old = await addCustomer(db, { phone: "1000000001", name: "Old", created_at: "2024-01-02Z" });
    const stats = await store([
      dialog({ key: "a", nick: "ada", phone: "1000000001" }, "1"),
      dialog({ key: "b", phone: "1000000001" }, "2"),
      dialog({ key: "c", name: "Eve" }, "3"),
      dialog({ key: "c" }, "4"),
    ]);
    expect(stats).toMatchObject({ customersCreated: 1, customersUpdated: 0, conversationsCreated: 4 });
    expect([await customerOf("1"), await customerOf("2")]).toEqual([named, old]);
    expect(await customerOf("3")).toBe(await customerOf("4"));
  });

  test("that a dialog of the page, or an earlier page, has made is found by phone and nick, in a dry run, too", async () => {
    const people: Person[] = [
      { key: "a", phone: "1000000001", nick: "ada" },
      { key: "b", phone: "1000000001" },
      { key: "c", nick: "ada", phone: "1000000002" },
      { key: "d", phone: "1000000002" },
    ];
    const pages = people.map((person, n) => dialog(person, `${n}`));
    expect(await store(pages)).toMatchObject({ customersCreated: 2 });
    const together = page(...people.map((person, n) => thread({ id: `p${n}`, person, messages: [message(`p${n}`)] })));
    expect(await store([together])).toMatchObject({ customersCreated: 0 });
    expect(await customerOf("p2")).toBe(await customerOf("0"));
    expect(await customerOf("p3")).not.toBe(await customerOf("0"));
  });

  test("gets a name only where it has none, and counts once", async () => {
    const blank = await addCustomer(db, { phone: "1000000001", name: " " });
    await addCustomer(db, { phone: "1000000002", name: "Eve" });
    const pages = ["1", "2", "3"].map((id) => dialog({ key: "a", phone: "1000000001", name: `Ada ${id}` }, id));
    const other = dialog({ key: "b", phone: "1000000002", name: "Bob" }, "4");
    expect(await store([...pages, other])).toMatchObject({ customersUpdated: 1, customersCreated: 0 });
    expect((await rowsOf(db, "Customer", "phone")).map(({ name }) => name)).toEqual(["Ada 1", "Eve"]);
    expect(
      (await rowsOf(db, "migration_effects", "id")).filter(({ table_name }) => table_name === "Customer"),
    ).toMatchObject([{ row_id: blank, action: "update", before: { name: " " } }]);
  });

  test("is made at the begin of its oldest dialog, whichever comes first", async () => {
    const at = (id: string, day: number) => page(thread({ id, person: { key: "a" }, messages: [message(id, day)] }));
    await store([at("2", 5), at("1", 3), at("3", 9)]);
    expect(await oneOf("Customer")).toMatchObject({ created_at: new Date("2025-01-03T12:00:00Z") });
  });
});

describe("A conversation", () => {
  test("is found by its reference, else by external_id and source, and not where it is somebody else's", async () => {
    const theirs = await addConversation(db, { channel: "whatsapp", external_id: "1" });
    const ours = await addConversation(db, {
      channel: "telegram",
      external_id: "2",
      metadata: { source: RULES.source },
    });
    const known = await addConversation(db, { channel: "telegram" });
    await addRow(db, "external_refs", {
      entity_type: "conversation",
      entity_id: known,
      system: "umnico",
      external_id: "3",
    });
    const pages = ["1", "2", "3"].map((id) => page(thread({ id, messages: [message(id)] })));
    expect(await store(pages)).toMatchObject({ conversationsCreated: 1, conversationsUpdated: 2 });
    const byText = new Map((await rowsOf(db, "Message")).map((row) => [row.content, row.conversation_id]));
    expect([byText.get("text 2"), byText.get("text 3")]).toEqual([ours, known]);
    expect(byText.get("text 1")).not.toBe(theirs);
    expect(await countRows(db, "external_refs")).toBe(3);
  });

  test("of the same channel that somebody else made is taken where the rules say so, and keeps its begin and its source", async () => {
    const started_at = "2025-06-01T00:00:00Z";
    const theirs = await addConversation(db, {
      channel: "freshchat",
      external_id: "1",
      started_at,
      metadata: { source: "crm" },
    });
    const other = await addConversation(db, { channel: "sms", external_id: "2" });
    const given = (id: string) => thread({ id, channel: "freshchat", messages: [message(id)] });
    const rules = { adopt: true, refs: undefined, source: "freshchat_backfill", script: "backfill-freshchat-messages" };
    expect(await store([page(given("1"), given("2"))], rules)).toMatchObject({
      conversationsCreated: 1,
      conversationsUpdated: 1,
    });
    const rows = new Map((await rowsOf(db, "Conversation")).map((row) => [row.id, row]));
    expect(rows.get(theirs)).toMatchObject({
      started_at: new Date(started_at),
      last_message_at: new Date("2025-01-01T12:00:00Z"),
      last_message_preview: "text 1",
      metadata: { source: "crm" },
    });
    expect(rows.get(other)).toMatchObject({ last_message_at: null });
    expect(await countRows(db, "external_refs")).toBe(0);
  });

  test("of another store is another one", async () => {
    await db.query(`insert into stores (id, name) values ('a', 'A'), ('b', 'B')`);
    const given = (storeId: string) => thread({ id: "1", key: `${storeId}/1`, storeId, messages: [message(storeId)] });
    expect(await store([page(given("a"), given("b"))])).toMatchObject({ conversationsCreated: 2, messagesInserted: 2 });
    expect(await store([page(given("a")), page(given("b"))])).toMatchObject({
      conversationsCreated: 0,
      messagesInserted: 0,
    });
  });

  test("never has its last message moved back, and begins earlier when older messages come", async () => {
    await store([page(thread({ id: "1", messages: [message("new", 5)] }))]);
    const stats = await store([page(thread({ id: "1", messages: [message("old", 2), message("new", 5)] }))]);
    expect(stats).toMatchObject({ messagesInserted: 1, messagesExisting: 1, conversationsUpdated: 1 });
    expect(await oneOf("Conversation")).toMatchObject({
      started_at: new Date("2025-01-02T12:00:00Z"),
      created_at: new Date("2025-01-02T12:00:00Z"),
      last_message_at: new Date("2025-01-05T12:00:00Z"),
      last_message_preview: "text new",
    });
  });

  test("gets a customer and an account where it has none, and keeps those that it has", async () => {
    const eve = await addCustomer(db, { name: "Eve" });
    const metadata = { source: RULES.source };
    await addConversation(db, { external_id: "1", metadata });
    await addConversation(db, { external_id: "2", metadata, customer_id: eve, channel_account: "hers" });
    const pages = ["1", "2"].map((id) => page(thread({ id, person: { key: "a" }, channelAccount: "acc" })));
    expect(await store(pages)).toMatchObject({ conversationsUpdated: 1, customersCreated: 1 });
    expect((await rowsOf(db, "Conversation", "external_id")).map(({ channel_account }) => channel_account)).toEqual([
      "acc",
      "hers",
    ]);
    expect(await customerOf("2")).toBe(eve);
  });

  const steps: readonly (readonly [string, readonly Coverage[], object])[] = [
    ["unfinished", [{ kind: "unfinished" }], { partial: "unfinished" }],
    ["unfinished, then complete", [{ kind: "unfinished" }, { kind: "complete" }], {}],
    ["unfinished, then a window", [{ kind: "unfinished" }, { kind: "window", reason: "recent" }], { window: "recent" }],
    ["partial", [{ kind: "partial", reason: "cut" }], { partial: "cut" }],
    ["partial, then unfinished", [{ kind: "partial", reason: "cut" }, { kind: "unfinished" }], { partial: "cut" }],
    [
      "partial, then a window",
      [
        { kind: "partial", reason: "cut" },
        { kind: "window", reason: "recent" },
      ],
      { partial: "cut", window: "recent" },
    ],
    [
      "a window, then partial",
      [
        { kind: "window", reason: "recent" },
        { kind: "partial", reason: "cut" },
      ],
      { partial: "cut" },
    ],
    ["a window, then complete", [{ kind: "window", reason: "recent" }, { kind: "complete" }], {}],
    ["partial, then unknown", [{ kind: "partial", reason: "cut" }, { kind: "unknown" }], { partial: "cut" }],
  ];
  test.each(steps)("that is %s says so", async (_, coverages, expected) => {
    const pages = coverages.map((coverage, n) => page(thread({ id: "1", coverage, messages: [message(`${n}`)] })));
    await store(pages);
    const { metadata } = await oneOf("Conversation");
    const { source, createdBy, runId, createdAt, ...rest } = metadata;
    expect(rest).toEqual(expected);
  });

  test("that is whole stays so while further pages bring nothing new", async () => {
    const given = (kind: "complete" | "unfinished", id: string) =>
      page(thread({ id: "1", coverage: { kind }, messages: [message(id)] }));
    await store([given("complete", "a")]);
    expect(await store([given("unfinished", "a")])).toMatchObject({ conversationsUpdated: 0 });
    expect((await oneOf("Conversation")).metadata).not.toHaveProperty("partial");
  });
});

describe("A message", () => {
  test("twice on a page, or in another conversation, is there already", async () => {
    const pages = [
      page(thread({ id: "1", messages: [message("a"), message("a")] }), thread({ id: "1", messages: [message("a")] })),
    ];
    expect(await store(pages)).toMatchObject({ messagesInserted: 1, messagesExisting: 2 });
    const elsewhere = await addConversation(db);
    await db.query('update "Message" set conversation_id = $1', [elsewhere]);
    expect(await store(pages)).toMatchObject({ messagesInserted: 0, messagesExisting: 3 });
  });

  test("that somebody else wrote with the source's id is there already, also without the index in a dry run", async () => {
    const conversation = await addConversation(db, { external_id: "1", metadata: { source: RULES.source } });
    await addMessage(db, conversation, { metadata: { sourceId: "a" } });
    const pages = [page(thread({ id: "1", messages: [message("a"), message("b", 2)] }))];
    await db.query('drop index "Message_source_id_key"');
    await db.query("delete from _prisma_migrations where migration_name like '%umnico_conversations'");
    expect(await store(pages)).toMatchObject({ messagesInserted: 1, messagesExisting: 1 });
    expect((await db.query(`select to_regclass('"Message_source_id_key"') as index`)).rows[0]?.index).not.toBeNull();
  });
});

describe("A booking", () => {
  const book = (customer_id: string, status: string, from: number, to: number) =>
    addRow(db, "bookings", { customer_id, status, start_at: `2025-01-0${from}Z`, end_at: `2025-01-0${to}Z` });

  test.each([
    {
      what: "the newest of those ahead and under way",
      given: ["planned", "active", "completed", "cancelled"],
      taken: 1,
    },
    { what: "else the last that was completed", given: ["completed", "completed", "cancelled"], taken: 1 },
    { what: "never a cancelled one", given: ["cancelled"], taken: -1 },
  ])("is $what, and is given to the messages within it", async ({ given, taken }) => {
    const customer = await addCustomer(db, { phone: "1000000001" });
    const ids: string[] = [];
    for (const [n, status] of given.entries()) ids.push(await book(customer, status, n + 1, n + 2));
    const messages = [message("a", 1), message("b", 2), message("c", 3), message("d", 4)];
    const stats = await store([page(thread({ id: "1", person: { key: "a", phone: "1000000001" }, messages }))]);
    expect(stats).toMatchObject({ bookingsLinked: taken < 0 ? 0 : 1 });
    const expected = taken < 0 ? null : ids[taken];
    expect((await oneOf("Conversation")).metadata.bookingId ?? null).toBe(expected);
    expect((await rowsOf(db, "Message")).map(({ booking_id }) => booking_id)).toEqual([null, expected, null, null]);
  });

  test("is given to messages that are there, counts once, and not where the rules say no", async () => {
    const customer = await addCustomer(db, { phone: "1000000001" });
    const person = { key: "a", phone: "1000000001" };
    const pages = [1, 2, 3].map((day) => page(thread({ id: "1", person, messages: [message(`${day}`, day)] })));
    await store(pages, { bookings: false });
    await book(customer, "active", 1, 3);
    expect(await store(pages, { bookings: false })).toMatchObject({ bookingsLinked: 0 });
    expect(await store(pages)).toMatchObject({ bookingsLinked: 1, messagesInserted: 0, conversationsUpdated: 1 });
    expect((await rowsOf(db, "Message")).map(({ booking_id }) => booking_id !== null)).toEqual([true, true, false]);
    expect(await store(pages)).toMatchObject({ bookingsLinked: 0, conversationsUpdated: 0 });
  });
});
