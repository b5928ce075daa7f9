import { expect, test } from "@jest/globals";
import batch from "../../../scripts/migrations/backfill-memory-notes.ts";
import { addLead, rowsOf } from "../../helpers/crm.ts";
import { useDatabase } from "../../helpers/database.ts";
import { numbersOf, runInProcess } from "../../helpers/script.ts";
import { addRemembering } from "./states.ts";

const db = useDatabase();

/** Runs the batch, after a dry run that must have foretold it; the notes' texts in the order of their keys. */
async function notesOf(state: unknown): Promise<{ texts: string[]; skipped: Record<string, number> }> {
  await addRemembering(db, state);
  const dry = await runInProcess(batch, db, ["--dry-run"]);
  const run = await runInProcess(batch, db);
  expect(numbersOf(dry)).toEqual(numbersOf(run));
  expect([run.exitCode, run.document.message]).toEqual([0, undefined]);
  const notes = await rowsOf<{ content: string; metadata: { key: string } }>(db, "MemoryNote");
  const texts = notes.sort((a, b) => (a.metadata.key < b.metadata.key ? -1 : 1)).map(({ content }) => content);
  const skipped = Object.fromEntries(Object.entries(run.document.skipped).filter(([, count]) => count > 0));
  return { texts, skipped };
}

// biome-ignore format: a table
const TEXTS: readonly (readonly [what: string, state: Record<string, unknown>, text: string])[] = [
  ["a string", { preferred_time: "mornings" }, "preferred time: mornings"],
  ["white space around and within", { note: " \t a\n\n b\u00a0\u2003c \r\n" }, "note: a b c"],
  ["a number", { age: 42 }, "age: 42"],
  ["a number with a fraction that ends in 0", { price: 0 }, "price: 0"],
  ["true", { vip: true }, "vip: yes"],
  ["false", { vip: false }, "vip: no"],
  ["a camelCase key", { preferredTimeOfDay: "noon" }, "preferred time of day: noon"],
  ["a PascalCase key", { PreferredTime: "noon" }, "preferred time: noon"],
  ["a kebab-case key", { "preferred-time": "noon" }, "preferred time: noon"],
  ["a SCREAMING_CASE key", { PREFERRED_TIME: "noon" }, "preferred time: noon"],
  ["an acronym", { VIPStatus: "gold" }, "VIP status: gold"],
  ["an acronym at the end", { userID: 7 }, "user ID: 7"],
  ["acronyms in the plural", { externalIDs: [7] }, "external IDs: 7"],
  ["an acronym alone", { VIP: true }, "VIP: yes"],
  ["digits in a key", { address2: "x", }, "address2: x"],
  ["a Russian key", { "Любимое время": "утро" }, "Любимое время: утро"],
  ["a Russian key in snake_case", { любимое_время: "утро" }, "любимое время: утро"],
  ["a Chinese key", { 时间: "早上" }, "时间: 早上"],
  ["a key with quotes, slashes and dots", { "a\"b'c/d.e\\f": 1 }, "a\"b'c/d.e\\f: 1"],
  ["an empty key", { "": "alone" }, "alone"],
  ["a key of underscores", { __: "x" }, "__: x"],
  ["a list", { tags: ["a", " b ", 3, true] }, "tags: a, b, 3, yes"],
  ["a list with nothing in some places", { tags: ["a", null, "", " ", "b"] }, "tags: a, b"],
  ["an object", { address: { city: "Berlin", zip: "10115" } }, "address: zip: 10115; city: Berlin"],
  ["objects in an object", { a: { bB: { c_c: "x", d: null }, e: [1, 2] } }, "a: e: 1, 2; b b c c: x"],
  ["a list of objects", { pets: [{ name: "Rex", age: 3 }, {}, { name: "Tom" }] }, "pets: 1 age: 3; 1 name: Rex; 3 name: Tom"],
  ["a list of lists", { grid: [[1, 2], [], [3]] }, "grid: 1: 1, 2; 3: 3"],
  ["a list of both", { mix: ["x", { a: "y" }] }, "mix: 1: x; 2 a: y"],
  ["a large number", { big: 12345678901234567890n.toString() }, "big: 12345678901234567890"],
  ["2,000 characters", { t: "x".repeat(1997) }, `t: ${"x".repeat(1997)}`],
  ["2,001 characters", { t: "x".repeat(1998) }, `t: ${"x".repeat(1994)}...`],
  ["astral characters", { t: "😀".repeat(3000) }, `t: ${"😀".repeat(1994)}...`],
];

test.each(TEXTS)("%s becomes one readable line", async (_, state, text) => {
  const { texts, skipped } = await notesOf(state);
  expect(texts).toEqual([text]);
  expect(skipped).toEqual({});
  expect([...(texts[0] ?? "")].length).toBeLessThanOrEqual(2000);
});

test.each([null, "", " \n\u00a0", [], {}, [null, "", [], {}], { a: null, b: { c: [{ d: [] }] } }])(
  "nothing but %j is skipped as empty",
  async (value) => {
    expect(await notesOf({ key: value })).toEqual({ texts: [], skipped: { empty: 1 } });
  },
);

test.each([[5], ["a text"], [["a", "list"]], [true]])(
  "a state that is %j is one item that is no object",
  async (state) => {
    expect(await notesOf(state)).toEqual({ texts: [], skipped: { notAnObject: 1 } });
  },
);

test("each key of a lead without a customer is skipped, and the lead is looked at", async () => {
  await addLead(db, { state_metadata: { a: 1, b: 2, password: "x" } });
  await addLead(db, { state_metadata: {} });
  await addLead(db);
  const { document } = await runInProcess(batch, db);
  expect(document.skipped).toEqual({ noCustomer: 3, notAnObject: 0, empty: 0, secret: 0, edited: 0 });
  expect(document.stats).toMatchObject({ notesCreated: 0, notesSkipped: 3, leadsProcessed: 1, errors: 0 });
});

test("a note has its lead's customer and times, and says where it comes from", async () => {
  const lead = await addRemembering(db, { Time_zone: "UTC" }, { updated_at: "2025-02-03T04:05:06.000007Z" });
  const { document } = await runInProcess(batch, db);
  const [note] = (
    await db.query(
      `select n.*, n.updated_at = l.updated_at and n.created_at = l.created_at as timely, l.customer_id as theirs,
              crm_uuid('state_metadata_backfill', l.id || '/Time_zone') as expected, md5(n.content) as hash
         from "MemoryNote" n, "Lead" l`,
    )
  ).rows;
  expect(note).toMatchObject({
    content: "time zone: UTC",
    timely: true,
    customer_id: note?.theirs,
    id: note?.expected,
  });
  expect(note?.metadata).toEqual({
    source: "state_metadata_backfill",
    leadId: lead,
    key: "Time_zone",
    contentMd5: note?.hash,
    createdBy: "backfill-memory-notes.ts",
    runId: document.runId,
  });
});
