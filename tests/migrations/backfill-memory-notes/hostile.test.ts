/** States that nobody should write, and somebody will. */
import { expect, test } from "@jest/globals";
import batch from "../../../scripts/migrations/backfill-memory-notes.ts";
import { addCustomer, addLead, rowsOf } from "../../helpers/crm.ts";
import { useDatabase } from "../../helpers/database.ts";
import { numbersOf, runInProcess } from "../../helpers/script.ts";
import { addRemembering, inPagesOf } from "./states.ts";

const db = useDatabase();
const MEGABYTE = 1 << 20;

/** Runs the batch on states written as JSON texts; the notes' texts. */
async function notesOf(...states: string[]): Promise<string[]> {
  for (const state of states)
    await db.query('update "Lead" set state_metadata = $1::jsonb where id = $2', [state, await addRemembering(db, {})]);
  const dry = await runInProcess(batch, db, ["--dry-run"]);
  const run = await runInProcess(batch, db);
  expect(numbersOf(dry)).toEqual(numbersOf(run));
  expect([run.exitCode, run.document.message]).toEqual([0, undefined]);
  expect((await runInProcess(batch, db)).document.stats).toMatchObject({
    notesCreated: 0,
    notesUnchanged: run.document.stats.notesCreated,
  });
  return (await rowsOf(db, "MemoryNote")).map(({ content }) => content);
}

test.each([
  { what: "objects", open: '{"a":', close: "}", text: `deep:${" a".repeat(996)}...` },
  { what: "lists", open: "[", close: "]", text: `deep:${" 1".repeat(996)}...` },
  { what: "objects in lists", open: '[{"b":', close: "}]", text: `deep:${" 1 b".repeat(498)}...` },
])("$what that are nested 1,000 levels deep", async ({ open, close, text }) => {
  const [note] = await notesOf(`{"deep": ${open.repeat(1000)}"x"${close.repeat(1000)}}`);
  expect(note).toHaveLength(2000);
  expect(note?.slice(0, 1000)).toBe(text.slice(0, 1000));
});

test("nothing, 1,000 levels deep, is empty; a secret there is left out", async () => {
  const deep = (inner: string) => `${'{"a":'.repeat(1000)}${inner}${"}".repeat(1000)}`;
  expect(await notesOf(`{"none": ${deep("[]")}, "one": ${deep('{"password": "x"}')}}`)).toEqual([]);
});

test("a text, a key, a blank and a list of a megabyte", async () => {
  const long = "k".repeat(MEGABYTE);
  const notes = await notesOf(
    JSON.stringify({ text: "x y ".repeat(MEGABYTE / 4), [long]: "v", blank: " ".repeat(MEGABYTE) }),
    JSON.stringify({ list: Array.from({ length: 100_000 }, (_, index) => index), [`${long}2`]: { [long]: "v" } }),
  );
  expect(notes.sort()).toEqual([
    `${"k".repeat(1997)}...`,
    `${"k".repeat(1997)}...`,
    `list: ${Array.from({ length: 1000 }, (_, index) => index).join(", ")}`.slice(0, 1997).concat("..."),
    `text: ${"x y ".repeat(500)}`.slice(0, 1997).concat("..."),
  ]);
});

test("two keys of a megabyte that differ at their end are two notes", async () => {
  const long = "k".repeat(MEGABYTE);
  expect(await notesOf(JSON.stringify({ [`${long}1`]: 1, [`${long}2`]: 2 }))).toHaveLength(2);
});

test("10,000 keys of one lead, in pages of three", async () => {
  const state = Object.fromEntries(Array.from({ length: 10_000 }, (_, index) => [`key ${index}`, index]));
  await addRemembering(db, state);
  await addRemembering(db, { a: 1 });
  const { document } = await runInProcess(inPagesOf(3), db);
  expect(document.stats).toMatchObject({ notesCreated: 10_001, leadsProcessed: 2, errors: 0 });
});

test("numbers beyond what JavaScript can count", async () => {
  const [note] = await notesOf('{"n": [1e400, -1e-20, 12345678901234567890, 1.50]}');
  expect(note).toBe(`n: 1${"0".repeat(400)}, -0.00000000000000000001, 12345678901234567890, 1.50`);
});

test("of a key that is there twice the last value counts, as JSON has it in PostgreSQL", async () => {
  expect(await notesOf('{"a": 1, "a": 2}')).toEqual(["a: 2"]);
});

test.each([`'); drop table leads;`, "$1 :page :told \\set x", "\u0001\u202e\ufffe", "a/b/../c", "%i %s {0}", "́"])(
  "the key and the value %j are text, and nothing else",
  async (word) => {
    expect(await notesOf(JSON.stringify({ [word]: [word] }))).toEqual([`${word}: ${word}`]);
    expect((await rowsOf(db, "MemoryNote")).map(({ metadata }) => metadata.key)).toEqual([word]);
  },
);

test("keys that differ by what is not written out are notes of their own", async () => {
  expect((await notesOf('{"a_b": 1, "a-b": 2, "aB": 3, "a b": 4}')).sort()).toEqual([
    "a b: 1",
    "a b: 2",
    "a b: 3",
    "a b: 4",
  ]);
});

test("one state in a hundred leads makes a hundred notes, also of one customer", async () => {
  const customer = await addCustomer(db);
  for (let n = 0; n < 100; n += 1) await addLead(db, { customer_id: customer, state_metadata: { "a/b": "x" } });
  const { document } = await runInProcess(batch, db);
  expect(document.stats).toMatchObject({ notesCreated: 100, leadsProcessed: 100 });
});

test("leads with the first and the last of all ids are not passed over", async () => {
  for (const hex of ["0", "f"]) {
    const id = "00000000-0000-0000-0000-000000000000".replaceAll("0", hex);
    await addRemembering(db, { a: 1 }, { id });
  }
  expect((await runInProcess(batch, db)).document.stats).toMatchObject({ notesCreated: 2, leadsProcessed: 2 });
});
