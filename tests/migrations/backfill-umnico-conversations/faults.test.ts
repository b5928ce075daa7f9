import { expect, test } from "@jest/globals";
import { addCustomer, countRows, rowsOf } from "../../helpers/crm.ts";
import { useDatabase } from "../../helpers/database.ts";
import type { Fault } from "../../helpers/stand-ins/stand-in.ts";
import { dialogOf, manyDialogs, run, runTwice, talk, unresolved, useUmnico } from "./service.ts";

const db = useDatabase();
const umnico = useUmnico();

const messagesOf =
  (id: string): NonNullable<Fault["when"]> =>
  ({ path }) =>
    path === `/api/conversations/${id}/messages`;
const always = (id: string, fault: Omit<Fault, "when">): Fault => ({ times: 1_000, ...fault, when: messagesOf(id) });
const html = { status: 502, body: "<html>Bad gateway</html>" };

test.each<[string, Omit<Fault, "when">]>([
  ["500 with its reason", { answer: { status: 500, body: { ok: false, error: "page crashed" } } }],
  ["a gateway's HTML", { answer: html }],
  ["a reset in the middle of the body", { cut: "reset" }],
  ["a body that ends too early", { cut: "truncate" }],
  ["429 without a header", { answer: { status: 429, body: "" } }],
  ["429 with Retry-After", { answer: { status: 429, headers: { "retry-after": "1" }, body: "" } }],
])("%s, once, costs nothing: it is tried again", async (_, fault) => {
  umnico.dialogs = manyDialogs(3);
  umnico.faults.push({ ...fault, when: messagesOf("2") });
  const { document, exitCode } = await run(db);
  expect(document.stats).toMatchObject({ dialogsTotal: 3, dialogsProcessed: 3, messagesInserted: 6, errors: 0 });
  expect([exitCode, umnico.requests("/2/messages").length]).toEqual([0, 2]);
});

test.each<[string, Omit<Fault, "when">, string]>([
  ["500", { answer: { status: 500, body: { ok: false, error: "page crashed" } } }, "HTTP_500"],
  ["a reset", { cut: "reset" }, "NETWORK"],
  ["HTML", { answer: { body: "<html>Log in</html>" } }, "NOT_JSON"],
  ["a body that ends too early", { cut: "truncate" }, "NOT_JSON"],
  ["ok: false", { answer: { body: { ok: false, error: "no such page" } } }, "SCHEMA"],
  ["no count", { answer: { body: { ok: true, data: [] } } }, "SCHEMA"],
  ["another dialog's answer", { answer: { body: { ok: true, conversationId: "3", count: 0, data: [] } } }, "SCHEMA"],
])(
  "%s that stays puts the dialog into quarantine, and no run asks for it until it is retried",
  async (_, fault, code) => {
    umnico.dialogs = manyDialogs(3);
    umnico.faults.push(always("2", fault));
    const first = await runTwice(db, umnico);
    expect(first).toMatchObject({ exitCode: 1, document: { status: "completed_with_errors", stats: { errors: 1 } } });
    expect(first.document.stats).toMatchObject({ dialogsTotal: 3, dialogsProcessed: 2, dialogsSkipped: 0 });
    const [error] = await unresolved(db);
    expect(error).toMatchObject({ key: "2", code });
    expect(error?.message).not.toMatch(/<html>|text 1/);
    umnico.asked.length = 0;
    const second = await runTwice(db, umnico);
    expect(second).toMatchObject({
      exitCode: 1,
      document: { stats: { dialogsTotal: 3, dialogsProcessed: 2, errors: 1 } },
    });
    expect(umnico.asked.filter(messagesOf("2"))).toEqual([]);
    expect(await unresolved(db)).toEqual([error]);
    umnico.faults.length = 0;
    const third = await runTwice(db, umnico, "--retry-errors");
    expect(third).toMatchObject({
      exitCode: 0,
      document: { stats: { messagesInserted: 2, dialogsProcessed: 1, errors: 0 } },
    });
    expect(await countRows(db, "Message")).toBe(1 + 2 + 3);
  },
);

test("a service that refuses everything stops the run at the twentieth dialog", async () => {
  umnico.dialogs = manyDialogs(30);
  umnico.faults.push({
    times: 1_000,
    answer: { body: "<html>Log in</html>" },
    when: ({ path }) => path.endsWith("/messages"),
  });
  const { document, exitCode } = await run(db);
  expect(document).toMatchObject({ status: "failed", message: expect.stringContaining("20 items in a row") });
  expect([exitCode, umnico.requests("/messages").length, (await unresolved(db)).length]).toEqual([1, 20, 19]);
});

test("a message that can't be read costs that message, and is stored once it can be", async () => {
  const bad = { text: "bad time", at: "2025-11-25T07:40:00.000Z", datetime: "soon" };
  umnico.dialogs = [dialogOf("501", [...talk(5), bad, { text: "", at: "", item: { what: "is this" } }])];
  const { document } = await runTwice(db, umnico);
  expect(document).toMatchObject({ stats: { messagesInserted: 5, errors: 2 }, status: "completed_with_errors" });
  expect((await unresolved(db)).map(({ code }) => code).sort()).toEqual(["SHAPE", "TIME"]);
  const again = await runTwice(db, umnico);
  expect(again.document.stats).toMatchObject({ messagesInserted: 0, messagesExisting: 5, errors: 2 });
  umnico.dialogs = [dialogOf("501", [...talk(5), { ...bad, datetime: "25.11.2025 10:50" }])];
  const retried = await runTwice(db, umnico, "--retry-errors");
  expect(retried).toMatchObject({ exitCode: 0, document: { stats: { messagesInserted: 1, errors: 0 } } });
  expect(await countRows(db, "Message")).toBe(6);
});

test("a message that the database refuses costs that message, and is stored once it is allowed", async () => {
  await db.query(`alter table "Message" add constraint no_bad_words check (content !~ 'text 3') not valid`);
  umnico.dialogs = [dialogOf("501", talk(9)), dialogOf("502", talk(3))];
  const { document, exitCode } = await run(db);
  expect(document.stats).toMatchObject({ messagesInserted: 11, dialogsProcessed: 2, errors: 1 });
  expect([exitCode, (await unresolved(db)).map(({ code }) => code)]).toEqual([1, ["23514"]]);
  const again = await runTwice(db, umnico);
  expect(again.document.stats).toMatchObject({ messagesInserted: 0, messagesExisting: 11, errors: 1 });
  expect(again.output).toContain("8 known, 1 in quarantine");
  await db.query('alter table "Message" drop constraint no_bad_words');
  const retried = await runTwice(db, umnico, "--retry-errors");
  expect(retried).toMatchObject({ exitCode: 0, document: { stats: { messagesInserted: 1, errors: 0 } } });
});

test("a dialog that the database refuses is not counted as processed", async () => {
  umnico.dialogs = manyDialogs(3);
  await db.query(`alter table "Conversation" add constraint not_2 check (external_id <> '2')`);
  const { document, exitCode } = await run(db);
  const stats = { dialogsTotal: 3, dialogsProcessed: 2, dialogsSkipped: 0, messagesInserted: 4, errors: 1 };
  expect([exitCode, document.stats]).toEqual([1, expect.objectContaining(stats)]);
  expect(await unresolved(db)).toMatchObject([{ key: "2", code: "23514" }]);
  expect((await runTwice(db, umnico)).document.stats).toMatchObject({ ...stats, messagesInserted: 0 });
  await db.query('alter table "Conversation" drop constraint not_2');
  const retried = await runTwice(db, umnico, "--retry-errors");
  expect(retried).toMatchObject({ exitCode: 0, document: { stats: { dialogsProcessed: 1, messagesInserted: 2 } } });
});

test("--retry-errors lets go of a dialog that is gone, and keeps what the service does not show", async () => {
  umnico.dialogs = [dialogOf("501", [{ text: "a", at: "", datetime: "soon" }, ...talk(3)]), ...manyDialogs(2)];
  umnico.faults.push(always("2", { answer: html }));
  await run(db);
  umnico.faults.length = 0;
  umnico.dialogs = [dialogOf("501", talk(3), { answer: { incomplete: true } })];
  const dry = await run(db, "--retry-errors", "--dry-run");
  const { document, exitCode } = await run(db, "--retry-errors");
  expect(document.stats).toMatchObject({ errors: 1 });
  expect(exitCode).toBe(1);
  expect(dry).toMatchObject({ exitCode, document: { stats: document.stats, skipped: document.skipped } });
  expect(await unresolved(db)).toMatchObject([{ code: "NOT_SHOWN" }]);
});

test("--retry-errors does not take for gone what a shortened key stands for", async () => {
  const long = `${"5".repeat(3_000)}`;
  umnico.dialogs = [dialogOf(long, [{ text: "a", at: "", datetime: "soon" }, ...talk(2)]), ...manyDialogs(1)];
  await run(db);
  const key: string = (await unresolved(db))[0]?.key;
  expect(key).toContain("…md5:");
  expect((await run(db, "--retry-errors")).document.stats).toMatchObject({ errors: 1 });
  expect(await unresolved(db)).toMatchObject([{ key, code: "NOT_SHOWN" }]);
});

test("a list that is not whole is a failure before anything is stored", async () => {
  umnico.dialogs = manyDialogs(3);
  umnico.list = { count: 4 };
  const { document, exitCode } = await run(db);
  expect(document.message).toContain("it counts 4, and holds 3");
  expect([exitCode, await countRows(db, "Conversation")]).toEqual([1, 0]);
});

test("a list that knows of more dialogs than it shows makes the run exit 1", async () => {
  umnico.dialogs = manyDialogs(3);
  umnico.list = { total: 40 };
  const { document, exitCode } = await runTwice(db, umnico);
  expect(document).toMatchObject({ problems: [{ key: "list", message: expect.stringContaining("40 dialogs") }] });
  expect([exitCode, document.stats.dialogsProcessed]).toEqual([1, 3]);
  expect((await run(db, "--allow-partial")).exitCode).toBe(0);
});

test("a service that lets nobody in stops the run at once", async () => {
  umnico.dialogs = manyDialogs(5);
  umnico.faults.push(always("2", { answer: { status: 403, body: "" } }));
  const { document, exitCode } = await run(db);
  expect(document).toMatchObject({ status: "failed", stats: { dialogsProcessed: 1 } });
  expect([exitCode, umnico.requests("/2/messages").length]).toEqual([1, 1]);
});

test("a wait that is longer than --max-wait ends the run with 75, and the next one honours it", async () => {
  umnico.dialogs = manyDialogs(3);
  umnico.faults.push(always("2", { answer: { status: 429, headers: { "retry-after": "3600" }, body: "" } }));
  const { document, exitCode } = await run(db);
  expect(document).toMatchObject({ status: "waiting", stats: { dialogsProcessed: 1 } });
  expect(exitCode).toBe(75);
  umnico.asked.length = 0;
  await expect(run(db)).rejects.toThrow("Not before");
  expect(umnico.asked).toEqual([]);
});

test("an answer that takes longer than --timeout is given up, and costs its dialog", async () => {
  umnico.dialogs = manyDialogs(3);
  umnico.faults.push(always("2", { delayMs: 1_500 }));
  await run(db, "--timeout", "200ms");
  expect(await unresolved(db)).toMatchObject([{ key: "2", code: "TIMEOUT" }]);
});

test("hostile texts are stored as far as a database can hold them", async () => {
  const texts = [
    "\u0000nul",
    "\ud800 lone",
    "😀".repeat(200),
    "'); drop table x; --",
    "x".repeat(1_000_000),
    "a\\u0000b",
  ];
  umnico.dialogs = [
    dialogOf(
      "501",
      texts.map((text, n) => ({ text, at: new Date(Date.UTC(2025, 0, 1, 0, n)).toISOString() })),
      {
        phone: "\u0000'; --",
      },
    ),
    dialogOf("\u0000", talk(1)),
  ];
  const { document } = await runTwice(db, umnico);
  expect(document.stats).toMatchObject({ messagesInserted: texts.length, dialogsSkipped: 1, errors: 0 });
  const again = await runTwice(db, umnico);
  expect(again.document.stats).toMatchObject({ messagesInserted: 0, messagesExisting: texts.length });
  expect((await rowsOf(db, "Message")).map(({ content }) => content.slice(0, 6))).toContain("\ufffdnul");
});

test("a customer that has the phone already is used, and gets a name only where it has none", async () => {
  const nameless = await addCustomer(db, { name: null, phone: "995599000501" });
  const named = await addCustomer(db, { name: "Ada", phone: "995599000502" });
  Object.assign(umnico, { version: 2, raw: true });
  umnico.dialogs = [
    dialogOf("501", [{ text: "a", at: "2025-11-25T07:40:00.000Z", item: rawFrom("Ira") }]),
    dialogOf("502", [{ text: "a", at: "2025-11-25T07:40:00.000Z", item: rawFrom("Ira") }]),
  ];
  const { document } = await runTwice(db, umnico);
  expect(document.stats).toMatchObject({ customersCreated: 0, customersUpdated: 1 });
  const customers = await rowsOf(db, "Customer", "phone");
  expect(customers.map(({ id, name }) => [id, name])).toEqual([
    [nameless, "Ira"],
    [named, "Ada"],
  ]);
});

const rawFrom = (name: string) => ({
  messageId: 1,
  incoming: true,
  datetime: "2025-11-25T07:40:00.000Z",
  message: { text: "a" },
  sender: { name },
});
