import { describe, expect, test } from "@jest/globals";
import { runChecks } from "../../../scripts/lib/checks.ts";
import { withDatabase } from "../../../scripts/lib/db/database.ts";
import { addConversation, addCustomer, addMessage, addRow, rowsOf } from "../../helpers/crm.ts";
import { useDatabase } from "../../helpers/database.ts";
import { fileOf, keptOf, rollBack } from "../rollback/rollback.ts";
import { dialogOf, manyDialogs, run, runTwice, talk, useUmnico } from "./service.ts";

const db = useDatabase();
const umnico = useUmnico();

const failedChecks = () =>
  withDatabase(db.address, { max: 1 }, async (database) =>
    (await runChecks(database, fileOf(6, "verify"))).filter(({ failed }) => failed).map(({ name }) => name),
  );

/** A customer whom a dialog will find, with bookings, and a talk of their own. */
async function addLiveRows(): Promise<{ customer: string; booking: string }> {
  const customer = await addCustomer(db, { name: null, phone: "995599000501" });
  const talked = await addConversation(db, { customer_id: customer, channel: "sms" });
  await addMessage(db, talked);
  const start_at = "2025-11-25T00:00:00Z";
  const end_at = "2025-11-25T07:40:30Z";
  const booking = await addRow(db, "bookings", { customer_id: customer, status: "active", start_at, end_at });
  return { customer, booking };
}

describe("Bookings", () => {
  const book = (customer: string, status: string, day: number) =>
    addRow(db, "bookings", {
      customer_id: customer,
      status,
      start_at: `2025-11-${day}T00:00:00Z`,
      end_at: `2025-11-${day}T23:59:00Z`,
    });

  const linked = async () => (await rowsOf(db, "Message")).map(({ booking_id }) => booking_id as string | null);

  test("the newest that is planned or active is linked, only to what lies within it", async () => {
    const customer = await addCustomer(db, { phone: "995599000501" });
    await book(customer, "completed", 25);
    const wanted = await book(customer, "planned", 24);
    await book(customer, "active", 20);
    await book(customer, "cancelled", 26);
    const days = [23, 24, 25].map((day) => ({ text: `day ${day}`, at: `2025-11-${day}T07:40:00.000Z` }));
    umnico.dialogs = [dialogOf("501", days), dialogOf("502", days)];
    const { document } = await runTwice(db, umnico);
    expect(document.stats).toMatchObject({ bookingsLinked: 1 });
    const messages = await rowsOf(db, "Message");
    expect(messages.filter(({ booking_id }) => booking_id !== null).map(({ content }) => content)).toEqual(["day 24"]);
    const [first, second] = await rowsOf(db, "Conversation", "external_id");
    expect([first?.metadata.bookingId, second?.metadata.bookingId]).toEqual([wanted, undefined]);
    expect((await runTwice(db, umnico)).document.stats).toMatchObject({ bookingsLinked: 0 });
  });

  test("else the last one that was completed, never one that was cancelled", async () => {
    const customer = await addCustomer(db, { phone: "995599000501" });
    await book(customer, "completed", 20);
    const wanted = await book(customer, "completed", 25);
    await book(customer, "cancelled", 26);
    umnico.dialogs = [dialogOf("501", talk(2))];
    await run(db);
    expect(await linked()).toEqual([wanted, wanted]);
  });

  test("a cancelled one alone is not linked", async () => {
    await book(await addCustomer(db, { phone: "995599000501" }), "cancelled", 25);
    umnico.dialogs = [dialogOf("501", talk(2))];
    expect((await run(db)).document.stats).toMatchObject({ bookingsLinked: 0 });
    expect(await linked()).toEqual([null, null]);
  });
});

describe("Rollback", () => {
  test("gives every table back as it was, and the batch can run again to the same end", async () => {
    await addLiveRows();
    Object.assign(umnico, { version: 2, raw: true, dialogs: [dialogOf("501", talk(9)), ...manyDialogs(20)] });
    const before = await db.snapshot();
    await run(db);
    const after = await db.snapshot();
    expect(await failedChecks()).toEqual([]);
    expect(keptOf(await rollBack(db, 6))).toEqual([]);
    expect(await db.snapshot()).toEqual(before);
    await run(db);
    expect(await db.snapshot({ tables: ["migration_effects"] })).toEqual(
      Object.fromEntries(Object.entries(after).filter(([name]) => name !== "migration_effects")),
    );
  });

  test("of one run gives back what the runs before it left", async () => {
    const history = talk(60);
    umnico.dialogs = [dialogOf("501", history.slice(0, 40))];
    await run(db, "--recent");
    const before = await db.snapshot();
    umnico.dialogs = [dialogOf("501", history), dialogOf("502", talk(3), { phone: "@ivan_p" })];
    const { document } = await run(db);
    expect(document.stats).toMatchObject({ messagesInserted: 33, conversationsUpdated: 1 });
    await rollBack(db, 6, document.runId);
    expect(await db.snapshot()).toEqual(before);
  });

  test("keeps what came since, and says so", async () => {
    umnico.dialogs = [dialogOf("501", talk(3)), dialogOf("502", talk(3))];
    await run(db);
    const [conversation] = await rowsOf(db, "Conversation", "external_id");
    await addMessage(db, conversation?.id, { content: "live" });
    expect(keptOf(await rollBack(db, 6)).map((kept) => (kept as string[])[0])).toContain("Conversation");
    expect((await rowsOf(db, "Message")).map(({ content }) => content)).toEqual(["live"]);
  });
});

describe("verify.sql", () => {
  test.each([
    ["roles follow from the directions", `update "Message" set role = 'assistant' where role = 'user'`],
    ["the phones of customers that came from Umnico are digits", `update "Customer" set phone = '+995 599 000 501'`],
    [
      "what a conversation or a person is called at Umnico leads to a row that is there",
      `update external_refs set entity_id = gen_random_uuid() where entity_type = 'nick'`,
    ],
  ])("notices when it is broken that %s", async (name, breach) => {
    umnico.dialogs = [dialogOf("501", talk(3)), dialogOf("502", talk(3), { phone: "@ivan_p" })];
    await run(db);
    expect(await failedChecks()).toEqual([]);
    await db.query(breach);
    expect(await failedChecks()).toEqual([name]);
  });
});
