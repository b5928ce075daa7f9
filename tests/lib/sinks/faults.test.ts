/** What the database refuses: one message costs one message, one conversation costs one conversation, and a dry run foretells it. */
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "@jest/globals";
import pg from "pg";
import { pageOf, type ThreadPage } from "../../../scripts/lib/thread.ts";
import { allowMessages, refuseMessages } from "../../helpers/audits.ts";
import { addConversation, countRows, rowsOf } from "../../helpers/crm.ts";
import { useDatabase } from "../../helpers/database.ts";
import { numbersOf, runInProcess } from "../../helpers/script.ts";
import { batchOf, message, type OtherRules, page, RULES, step, thread } from "./bed.ts";

const db = useDatabase();

const run = (pages: readonly ThreadPage[], argv: readonly string[] = [], rules: OtherRules = {}) =>
  runInProcess(batchOf(pages, rules), db, argv);
const contents = async () => (await rowsOf(db, "Message")).map(({ content }) => content);

const many = (count: number, prefix = "") =>
  Array.from({ length: count }, (_, n) => message(`${prefix}${n}`, 1 + (n % 28)));
/** So many words, all different, that no search index takes them. */
const HUGE = Array.from({ length: 250_000 }, (_, n) => `w${n.toString(36)}`).join(" ");

test("a bad message costs one message; what its part says besides is counted once, on whichever half it stands", async () => {
  await refuseMessages(db, "text 7");
  const parts = [
    step({
      thread: thread({ id: "1", coverage: { kind: "partial", reason: "cut" }, messages: many(20) }),
      counters: { dialogs: 1 },
      skipped: { noId: 2 },
      refused: [{ key: "1/odd", code: "SCHEMA", message: "odd" }],
      problems: [{ key: "1", code: "ODD", message: "odd" }],
      line: ({ created, existing, quarantined }) => `1: ${created} new, ${existing} known, ${quarantined} refused`,
    }),
    step(thread({ id: "2", messages: many(3, "b") })),
  ];
  const pages = [pageOf(parts, { start: {}, cursor: {}, counters: { requests: 5 } })];
  const { document, exitCode, output } = await run(pages);
  expect(exitCode).toBe(1);
  expect(document.stats).toMatchObject({
    messagesInserted: 22,
    messagesExisting: 0,
    conversationsCreated: 2,
    conversationsUpdated: 0,
    dialogs: 1,
    requests: 5,
    errors: 2,
  });
  expect(document.skipped).toEqual({ noId: 2 });
  expect(document.errors.map(({ key }) => key).sort()).toEqual(["1/odd", "thread/7"]);
  expect(document.problems?.map(({ code }) => code).sort()).toEqual(["ODD", "PARTIAL"]);
  expect(output).toContain("1: ");
  expect(await countRows(db, "Message")).toBe(22);
  expect((await rowsOf(db, "Conversation", "external_id"))[0]?.metadata).toMatchObject({ partial: "cut" });
});

test("a text too long for the search index goes to quarantine, as the dry run said", async () => {
  const pages = [page(thread({ id: "1", messages: [...many(25), message("huge", 3, { content: HUGE })] }))];
  const dry = await run(pages, ["--dry-run"]);
  const real = await run(pages);
  expect(numbersOf(dry)).toEqual(numbersOf(real));
  expect(real.document.errors).toEqual([
    { key: "thread/huge", code: "54000", message: expect.stringContaining("too long for tsvector") },
  ]);
  expect(real.document.stats).toMatchObject({ messagesInserted: 25, errors: 1 });
});

test("a message in quarantine is left out and counted by later runs, until --retry-errors mends it", async () => {
  await refuseMessages(db, "text 7");
  const pages = () => [page(thread({ id: "1", messages: many(9) }))];
  await run(pages());
  await allowMessages(db);
  for (const argv of [["--dry-run"], []]) {
    const { document, exitCode } = await run(pages(), argv);
    expect([exitCode, document.stats]).toMatchObject([1, { messagesInserted: 0, messagesExisting: 8, errors: 1 }]);
  }
  const alone = [page(thread({ id: "1", messages: [message("7", 8)] }))];
  const again = await run(alone, ["--retry-errors"]);
  expect([again.exitCode, again.document.stats]).toMatchObject([0, { messagesInserted: 1, errors: 0 }]);
  expect(await contents()).toHaveLength(9);
});

test("a conversation that is refused itself is one item, with its key, and its neighbours are stored", async () => {
  const pages = () => [
    page(
      thread({ id: "1", messages: many(3) }),
      thread({ id: "2", storeId: "gone", messages: many(30), coverage: { kind: "partial", reason: "cut" } }),
      thread({ id: "3", messages: many(2) }),
    ),
  ];
  const { document } = await run(pages());
  expect(document.errors).toEqual([{ key: "2", code: "23503", message: expect.any(String) }]);
  expect(document.stats).toMatchObject({ conversationsCreated: 2, messagesInserted: 5, errors: 1 });
  expect(document).not.toHaveProperty("problems");
  const later = await run(pages());
  expect(later.document.stats).toMatchObject({ messagesInserted: 0, messagesExisting: 5, errors: 1 });
  await db.query(`insert into stores (id, name) values ('gone', 'Shop')`);
  const mended = page({ thread: thread({ id: "2", storeId: "gone", messages: many(30) }), settles: ["2"] });
  const retried = await run([mended], ["--retry-errors"]);
  expect([retried.exitCode, retried.document.stats]).toMatchObject([0, { messagesInserted: 30, errors: 0 }]);
});

test("a conversation without messages that is refused is one item; stored, it is none", async () => {
  const { document } = await run([page(thread({ id: "1" }), thread({ id: "2", storeId: "gone" }))]);
  expect(document.errors.map(({ key }) => key)).toEqual(["2"]);
  expect(document.stats).toMatchObject({ conversationsCreated: 1, messagesInserted: 0, errors: 1 });
});

test("a conversation of one message that is refused keeps what its page counts", async () => {
  const parts = [step({ thread: thread({ id: "1", storeId: "gone", messages: many(1) }), counters: { dialogs: 1 } })];
  const pages = [pageOf(parts, { start: {}, cursor: {}, counters: { requests: 3 } })];
  const { document } = await run(pages);
  expect(document.stats).toMatchObject({ dialogs: 1, requests: 3, conversationsCreated: 0, errors: 1 });
});

test("a time that the database does not know costs its message, in a dry run, too", async () => {
  const pages = [page(thread({ id: "1", messages: [...many(3), message("odd", 1, { at: "2025-02-30T00:00:00Z" })] }))];
  const dry = await run(pages, ["--dry-run"]);
  const real = await run(pages);
  expect(numbersOf(dry)).toEqual(numbersOf(real));
  expect(real.document.errors).toMatchObject([{ key: "thread/odd", code: "22008" }]);
});

test("a conversation whose begin the database does not know is one item, in a dry run, too", async () => {
  const pages = [
    page(thread({ id: "1", startedAt: "never", messages: many(5) }), thread({ id: "2", messages: many(2) })),
  ];
  const dry = await run(pages, ["--dry-run"]);
  const real = await run(pages);
  expect(numbersOf(dry)).toEqual(numbersOf(real));
  expect(real.document.errors).toMatchObject([{ key: "1", code: "22007" }]);
});

test("where everything of a large page fails, nothing is set aside", async () => {
  await refuseMessages(db, "^text");
  const { document, exitCode } = await run([page(thread({ id: "1", messages: many(25) }))]);
  expect([exitCode, document.status]).toEqual([1, "failed"]);
  expect([await countRows(db, "migration_errors"), await countRows(db, "Conversation")]).toEqual([0, 0]);
});

test("--allow-partial takes a conversation that is not known to be whole for no problem; it is marked all the same", async () => {
  const pages = () => [page(thread({ id: "1", coverage: { kind: "partial", reason: "cut" }, messages: many(2) }))];
  const strict = await run(pages());
  expect([strict.exitCode, strict.document.problems]).toEqual([1, [{ key: "1", code: "PARTIAL", message: "cut" }]]);
  const lenient = await run(pages(), ["--allow-partial"]);
  expect([lenient.exitCode, lenient.document.problems]).toEqual([0, undefined]);
  expect((await rowsOf(db, "Conversation"))[0]?.metadata).toMatchObject({ partial: "cut" });
});

test("a retried conversation leaves the quarantine although its last message goes there", async () => {
  await run([page(thread({ id: "1", storeId: "gone", messages: many(3) }))]);
  await db.query(`insert into stores (id, name) values ('gone', 'Shop')`);
  await refuseMessages(db, "text 2");
  const mended = page({ thread: thread({ id: "1", storeId: "gone", messages: many(3) }), settles: ["1"] });
  const dry = await run([mended], ["--retry-errors", "--dry-run"]);
  expect(dry.document.stats).toMatchObject({ messagesInserted: 3, errors: 0 }); // what a trigger refuses can't be foretold
  const { document } = await run([mended], ["--retry-errors"]);
  expect(document.errors.map(({ key }) => key)).toEqual(["thread/2"]);
  expect(document.stats).toMatchObject({ messagesInserted: 2, conversationsCreated: 1, errors: 1 });
});

test("a conversation that a live session holds is waited for a little at a time, and people are told", async () => {
  const conversation = await addConversation(db, { external_id: "1", metadata: { source: RULES.source } });
  const holder = new pg.Client(db.url);
  await holder.connect();
  try {
    await holder.query("begin");
    await holder.query('select from "Conversation" where id = $1 for update', [conversation]);
    const partial = { kind: "partial", reason: "cut" } as const; // so that the conversation itself is changed
    const running = run([page(thread({ id: "1", coverage: partial, messages: many(2) }))], ["--allow-partial"]);
    const longest: number[] = [];
    for (const end = performance.now() + 6_000; performance.now() < end; await sleep(50)) {
      const { rows } = await db.query<{ ms: string | null }>(
        `select max(extract(epoch from clock_timestamp() - query_start) * 1000) as ms
           from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`,
      );
      longest.push(Number(rows[0]?.ms));
    }
    expect(Math.max(...longest)).toBeGreaterThan(0);
    expect(Math.max(...longest)).toBeLessThan(3_000); // a page waits for two seconds
    await holder.query("commit");
    const { document, output } = await running;
    expect([document.status, document.stats.messagesInserted]).toEqual(["completed", 2]);
    expect(output).toContain("waiting");
  } finally {
    await holder.end();
  }
});

test("a message and a conversation are set aside whatever they are called, and left out until they are retried", async () => {
  const long = Array.from({ length: 2_000 }, (_, n) => ((n * 7_919) % 46_656).toString(36)).join("");
  await refuseMessages(db, "^bad");
  const bad = [
    message("b\0", 4, { content: "bad" }),
    message(`c${long}`, 5, { content: "bad too" }),
    message("k", 6, { content: "bad key", key: `k\0${long}` }),
  ];
  const unnamed = thread({ id: long, messages: many(3) }); // no index of external_refs takes it
  const pages = () => [page(unnamed, thread({ id: "1", messages: [...many(3), ...bad] }))];
  for (const argv of [[], [], ["--dry-run"]]) {
    const { document } = await run(pages(), argv);
    expect([document.status, document.stats.errors]).toEqual(["completed_with_errors", 4]);
  }
  expect(await countRows(db, "Message")).toBe(3);
  await allowMessages(db);
  const alone = [
    page({ thread: unnamed, settles: [long] }),
    ...bad.map((one) => page(thread({ id: "1", messages: [one] }))),
  ];
  const { document, output } = await run(alone, ["--retry-errors"]);
  expect(document.stats).toMatchObject({ messagesInserted: 3, errors: 1 });
  expect(output).not.toContain("gone at the source");
});
