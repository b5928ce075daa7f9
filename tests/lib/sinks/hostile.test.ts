/** Whatever a source may send. */
import { describe, expect, test } from "@jest/globals";
import { toTimestamp } from "../../../scripts/lib/sinks/row.ts";
import type { ThreadPage } from "../../../scripts/lib/thread.ts";
import { rowsOf } from "../../helpers/crm.ts";
import { useDatabase } from "../../helpers/database.ts";
import { numbersOf, runInProcess } from "../../helpers/script.ts";
import { batchOf, message, page, RULES, thread } from "./bed.ts";

const db = useDatabase();

async function store(pages: readonly ThreadPage[]) {
  const dry = await runInProcess(batchOf(pages), db, ["--dry-run"]);
  const real = await runInProcess(batchOf(pages), db);
  expect(numbersOf(dry)).toEqual(numbersOf(real));
  expect(real.exitCode).toBe(0);
  return real.document.stats;
}

const oneOf = async (table: string) => (await rowsOf(db, table))[0] ?? {};

test("U+0000 becomes U+FFFD and is counted, halves of characters become U+FFFD", async () => {
  const person = { key: "p\0", name: "A\0da", nick: "a\0" };
  const odd = message("m\0", 1, { content: "a\0b\0", metadata: { "k\0": ["\0", { deep: "\ud83d" }] } });
  await store([page(thread({ id: "t\0", person, channelAccount: "\ud83d", metadata: { x: "\0" }, messages: [odd] }))]);
  expect(await oneOf("Customer")).toMatchObject({ name: "A\ufffdda" });
  expect(await oneOf("Conversation")).toMatchObject({
    external_id: "t\ufffd",
    channel_account: "\ufffd",
    last_message_preview: "a\ufffdb\ufffd",
    metadata: { x: "\ufffd", nulReplaced: 4 },
  });
  expect(await oneOf("Message")).toMatchObject({
    content: "a\ufffdb\ufffd",
    metadata: { sourceId: "m\ufffd", "k\ufffd": ["\ufffd", { deep: "\ufffd" }], nulReplaced: 5 },
  });
  const again = await store([page(thread({ id: "t\0", person, messages: [odd] }))]);
  expect(again).toMatchObject({
    messagesInserted: 0,
    messagesExisting: 1,
    customersCreated: 0,
    conversationsUpdated: 0,
  });
});

test("names that look like statements, 10,000 characters long or escaped, are kept as they are", async () => {
  const ids = [`'); drop table "Message"; --`, String.raw`\u0000 \\ " $1 :page {}`, "x".repeat(10_000), "a/b", "😀"];
  await store([page(...ids.map((id) => thread({ id, messages: ids.map((name) => message(name)) })))]);
  expect((await rowsOf(db, "Conversation")).map(({ external_id }) => external_id).sort()).toEqual([...ids].sort());
  expect(new Set((await rowsOf(db, "Message")).map(({ metadata }) => metadata.sourceId))).toEqual(new Set(ids));
  expect(
    await store([page(...ids.map((id) => thread({ id, messages: ids.map((name) => message(name)) })))]),
  ).toMatchObject({
    messagesInserted: 0,
    messagesExisting: 25,
  });
});

test("a preview is a line of a hundred characters, none of them cut in half", async () => {
  const content = `${" ".repeat(3)}${"😀".repeat(60)}\n\t${"é".repeat(60)}`;
  await store([page(thread({ id: "1", messages: [message("a", 1, { content })] }))]);
  const { last_message_preview: preview } = await oneOf("Conversation");
  expect([...preview]).toHaveLength(100);
  expect(preview).toBe(`${"😀".repeat(60)} ${"é".repeat(39)}`);
});

test("a text of 1 MB is stored whole", async () => {
  const content = "all work and no play ".repeat(50_000);
  await store([page(thread({ id: "1", messages: [message("a", 1, { content })] }))]);
  const { rows } = await db.query('select content = $1 as same from "Message"', [content]);
  expect(rows).toEqual([{ same: true }]);
});

test("times at the ends of what PostgreSQL knows are kept", async () => {
  const times = [
    "-004712-01-01T00:00:00Z",
    "0000-06-01T00:00:00Z",
    "+275760-09-13T00:00:00.000Z",
    "2025-01-01T10:00:00.123456+05:30",
  ];
  await store([page(thread({ id: "1", messages: times.map((at, n) => message(`${n}`, 1, { at })) }))]);
  const { rows } = await db.query<{ at: string }>('select created_at::text as at from "Message" order by created_at');
  expect(rows.map(({ at }) => at)).toEqual([
    "4713-01-01 00:00:00+00 BC",
    "0001-06-01 00:00:00+00 BC",
    "2025-01-01 04:30:00.123456+00",
    "275760-09-13 00:00:00+00",
  ]);
  expect(await oneOf("Conversation")).toMatchObject({ started_at: expect.anything() });
});

describe("A time as PostgreSQL reads it", () => {
  test.each([
    ["2025-01-01T00:00:00Z", "2025-01-01T00:00:00Z"],
    ["+012345-01-01T00:00:00Z", "12345-01-01T00:00:00Z"],
    ["-000001-01-01T00:00:00Z", "0002-01-01T00:00:00Z BC"],
    ["0000-01-01T00:00:00Z", "0001-01-01T00:00:00Z BC"],
    ["never", "never"],
  ])("%s", (iso, expected) => {
    expect(toTimestamp(iso)).toBe(expected);
  });
});

test("a conversation whose metadata is no object keeps it", async () => {
  for (const [id, metadata] of Object.entries({ list: "[1]", text: '"x"', nothing: "null" }))
    await db.query(
      `with c as (insert into "Conversation" (channel, metadata) values ('whatsapp', $1) returning id)
       insert into external_refs (entity_type, entity_id, system, external_id) select 'conversation', id, $2, $3 from c`,
      [metadata, RULES.refs, id],
    );
  const pages = ["list", "text", "nothing"].map((id) => page(thread({ id, messages: [message(id)] })));
  expect(await store(pages)).toMatchObject({ conversationsUpdated: 3, conversationsCreated: 0, messagesInserted: 3 });
});

test("a page of 24 million characters is stored in several statements, and its numbers are those of one", async () => {
  // What it costs to keep the search indexes is not the point here.
  await db.query('drop index "Message_content_fts_idx", "Message_content_fts_ru_idx"');
  const long = "all work and no play ".repeat(100_000);
  const person = { key: "a", name: "Ada" };
  const pages = () => [
    page(
      ...Array.from({ length: 12 }, (_, n) =>
        thread({ id: `${n}`, person, messages: [message(`${n}`, 1, { content: `${n} ${long}` })] }),
      ),
    ),
  ];
  const counts = { customersCreated: 1, conversationsCreated: 12, messagesInserted: 12, messagesExisting: 0 };
  expect(await store(pages())).toMatchObject(counts);
  expect(await store(pages())).toMatchObject({ messagesInserted: 0, messagesExisting: 12, customersUpdated: 0 });
});
