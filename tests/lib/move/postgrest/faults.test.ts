/** What becomes of a copy where the service, or what stands before it, answers badly. */
import { beforeEach, expect, test } from "@jest/globals";
import { MustWait, RunFailed, UserError } from "../../../../scripts/lib/errors.ts";
import { ItemRefused } from "../../../../scripts/lib/http/errors.ts";
import { useDatabase } from "../../../helpers/database.ts";
import type { Answer, Fault } from "../../../helpers/stand-ins/stand-in.ts";
import { rejected } from "../../http/service.ts";
import { copy, difference, startService, TARGET, tableOf, whole } from "./service.ts";

const db = useDatabase({ empty: true });

beforeEach(async () => {
  await db.query(`create table items as select i as id, jsonb_build_object('n', i, 'text', repeat('x', 100)) as data
                    from generate_series(1, 60) i;
                  alter table items add primary key (id);
                  create schema ${TARGET};
                  create table ${TARGET}.items (like items)`);
});

const onItems = (fault: Omit<Fault, "when">): Fault => ({ ...fault, when: ({ path }) => path.endsWith("/items") });

const HTML = { "content-type": "text/html" };

test.each<[string, Omit<Fault, "when">]>([
  ["a gateway's error in HTML", { answer: { status: 502, headers: HTML, body: "<html>Bad gateway</html>" } }],
  ["an error without a body", { answer: { status: 520, body: "" } }],
  ["a pool that is exhausted", { answer: { status: 504, body: { code: "PGRST003", message: "Timed out" } } }],
  ["a database that is not reached", { answer: { status: 503, body: { code: "PGRST001", message: "no connection" } } }],
  ["too many requests", { answer: { status: 429, headers: { "retry-after": "1" }, body: "" } }],
  ["a body that breaks off", { cut: "reset" }],
])("After %s, twice, nothing is missing and nothing is there twice", async (_, fault) => {
  const { open, faults, said } = await startService(db, { maxRows: 25 });
  const source = await open();
  const table = await tableOf(source, "items");
  faults.push(onItems({ ...fault, times: 2 }));
  expect(await copy(db, source, table, 25)).toEqual({ rows: 60, pages: [["25"], ["50"], ["60"]] });
  expect(await difference(db, "public", "items")).toEqual([]);
  expect(said.some((line) => line.includes("PostgREST"))).toBe(true);
});

test("What keeps failing ends the run, with the status and without the key", async () => {
  const { open, faults } = await startService(db);
  const source = await open();
  const table = await tableOf(source, "items");
  faults.push(onItems({ answer: { status: 503, body: { code: "PGRST002", message: "could not query" } }, times: 3 }));
  const error = await rejected(source.cut(table, whole("items"), 10));
  expect(error).toBeInstanceOf(ItemRefused);
  expect(error.message).toBe("PostgREST answered 503 for /rest/v1/items (could not query).");
});

test("A 429 that names a long wait says until when", async () => {
  const { open, faults } = await startService(db);
  const source = await open({ options: { maxWait: 1_000 } });
  const table = await tableOf(source, "items");
  faults.push(onItems({ answer: { status: 429, headers: { "retry-after": "3600" }, body: "" } }));
  expect(await rejected(source.count(table, whole("items")))).toBeInstanceOf(MustWait);
});

test("A body that ends before it is whole is not stored", async () => {
  const { open, faults } = await startService(db);
  const source = await open();
  const table = await tableOf(source, "items");
  faults.push(onItems({ cut: "truncate" }));
  expect(await rejected(source.cut(table, whole("items"), 60))).toBeInstanceOf(RunFailed);
});

test.each<[string, Answer]>([
  ["HTML with a good status", { headers: { ...HTML, "content-range": "0-9/*" }, body: "<html>Welcome</html>" }],
  ["rows without a Content-Range", { body: [{ id: 1 }] }],
  ["JSON that holds no rows", { headers: { "content-range": "0-9/*" }, body: { hello: "there" } }],
])("%s is not taken for a page", async (_, answer) => {
  const { open, faults } = await startService(db);
  const source = await open();
  const table = await tableOf(source, "items");
  faults.push(onItems({ answer }));
  const error = await rejected(source.cut(table, whole("items"), 10));
  expect(error.message).toMatch(/^What answered for items is not PostgREST/);
});

test("That a range is past the end is not believed of one that has no offset", async () => {
  const { open, faults } = await startService(db);
  const source = await open();
  const table = await tableOf(source, "items");
  faults.push(onItems({ answer: { status: 416, body: { code: "PGRST103", message: "not satisfiable" } } }));
  expect((await rejected(source.cut(table, whole("items"), 10))).message).toContain("PostgREST answered 416");
});

test("A page that holds other rows than it says is not stored", async () => {
  const { open, faults } = await startService(db);
  const source = await open();
  const table = await tableOf(source, "items");
  const row = { id: 1, data: "{}", _move_key_0: "1" };
  faults.push(onItems({ answer: { headers: { "content-range": "0-1/*" }, body: JSON.stringify([row]) } }));
  const error = await rejected(copy(db, source, table));
  expect(error.message).toBe("PostgREST says that it sent 2 rows, and 1 arrived.");
  expect(await difference(db, "public", "items")).toHaveLength(60);
});

test("Pages that are too large are asked for in halves, and stay small", async () => {
  const { open, asked } = await startService(db);
  const source = await open({ maxBytes: 4_000 });
  const table = await tableOf(source, "items");
  expect(await copy(db, source, table, 60)).toMatchObject({ rows: 60 });
  expect(await difference(db, "public", "items")).toEqual([]);
  const limits = asked.filter(({ path }) => path.endsWith("/items")).map(({ query }) => Number(query.get("limit")));
  expect(limits.slice(1, 4)).toEqual([60, 30, 15]);
  expect(limits.slice(3).every((limit) => limit === 15)).toBe(true);
});

test("A statement that takes too long is tried with fewer rows at once, not again as it was", async () => {
  const { open, faults, asked } = await startService(db);
  const source = await open();
  const table = await tableOf(source, "items");
  const late = { status: 500, body: { code: "57014", message: "canceling statement due to statement timeout" } };
  faults.push({ when: ({ query }) => Number(query.get("limit")) > 20, answer: late, times: 100 });
  asked.length = 0;
  expect(await copy(db, source, table, 60)).toMatchObject({ rows: 60 });
  const limits = asked.map(({ query }) => Number(query.get("limit")));
  expect(limits.slice(0, 3)).toEqual([60, 30, 15]);
});

test.each<[string, Answer, string]>([
  [
    "a key of another project",
    { status: 401, body: { code: "PGRST301", message: "JWSError" } },
    "does not accept the key",
  ],
  [
    "a gateway that knows no such key",
    { status: 401, body: { message: "Invalid API key" } },
    "The gateway does not accept the key",
  ],
  [
    "a table that may not be read",
    { status: 403, body: { code: "42501", message: "permission denied" } },
    "may not read items: grant it select",
  ],
  ["a table that is not exposed", { status: 404, body: { code: "PGRST205", message: "no" } }, "knows no table items"],
  ["a column that is gone", { status: 400, body: { code: "42703", message: "no" } }, "knows fewer columns of items"],
])("For %s, the message says what to do", async (_, answer, words) => {
  const { open, faults, asked } = await startService(db);
  const source = await open();
  const table = await tableOf(source, "items");
  asked.length = 0;
  faults.push(onItems({ answer }));
  const error = await rejected(source.cut(table, whole("items"), 10));
  expect(error).toBeInstanceOf(UserError);
  expect(error.message).toContain(words);
  expect(asked).toHaveLength(1);
});
