/** Which tables go from server to server in COPY's binary form, and that they arrive as they were. */
import { expect, test } from "@jest/globals";
import { withDatabase } from "../../../scripts/lib/db/database.ts";
import { quoteName } from "../../../scripts/lib/db/quote.ts";
import { readCatalog } from "../../../scripts/lib/move/catalog.ts";
import type { Column } from "../../../scripts/lib/move/catalog-types.ts";
import { formOf } from "../../../scripts/lib/move/copy/form.ts";
import type { TestDatabase } from "../../helpers/database.ts";
import { makeOdd } from "../../helpers/salon.ts";
import { SCHEMA, useCopy } from "./copy/between.ts";

const { source, target, copy, expectEqual } = useCopy();

async function columnsOf({ address }: TestDatabase, schema: string, table: string): Promise<readonly Column[]> {
  const { tables } = await withDatabase(address, {}, (db) => readCatalog(db, schema));
  return tables.find(({ name }) => name === table)?.columns ?? [];
}

const byName = (columns: readonly Column[]) => new Map(columns.map((column) => [column.name, column]));

/** The names of the columns that go as text, each looked at by itself. */
const asText = (columns: readonly Column[], there = columns) =>
  columns.filter((column) => formOf([column], byName(there)) === "text").map(({ name }) => name);

test("Types whose binary form differs from one database to another, or from one session to another, go as text", async () => {
  await makeOdd(source);
  expect(asText(await columnsOf(source, "public", "every type"))).toEqual([
    ...["cash", "char", "name", "lsn", "oid", "path", "words", "search", "spot", "area", "shape", "round"],
    ...["count", "options", "home", "open", "whole", "span", "spans", "moods", "homes", "counts"],
  ]);
});

test("Columns of other types than the source's go as text, and take their table along", async () => {
  await source.query("create table t (a varchar(20), b numeric(8, 2), c timestamp, d integer, e char(3))");
  await target.query(
    `create schema ${SCHEMA}; create table ${SCHEMA}.t (a text, b numeric, c timestamptz, d integer, e char(4))`,
  );
  const [from, to] = [await columnsOf(source, "public", "t"), await columnsOf(target, SCHEMA, "t")];
  expect(asText(from, to)).toEqual(["a", "b", "c", "e"]);
  expect(formOf(from, byName(to))).toBe("text");
  expect(formOf(from, byName(from))).toBe("binary");
});

test("What goes in binary form arrives as it was: every value of every such type", async () => {
  await makeOdd(source);
  await makeOdd(target, SCHEMA, { rows: false });
  const columns = await columnsOf(source, "public", "every type");
  const others = asText(columns);
  const names = columns.flatMap(({ name }) => (others.includes(name) ? [] : quoteName(name))).join(", ");
  const portable = (schema: string) =>
    `create table ${schema}.portable as select ${names} from ${schema}."every type"; alter table ${schema}.portable add primary key (id)`;
  await source.query(portable("public"));
  await target.query(portable(SCHEMA));
  const there = byName(await columnsOf(target, SCHEMA, "portable"));
  expect({ columns: there.size, form: formOf(await columnsOf(source, "public", "portable"), there) }).toEqual({
    columns: columns.length - others.length,
    form: "binary",
  });
  const { document } = await copy([], { tables: ["portable"] });
  expect(document.stats).toMatchObject({ rowsInserted: 6, errors: 0 });
  const rows = (db: TestDatabase, schema: string) => db.query(`select t::text from ${schema}.portable t order by id`);
  expect((await rows(target, SCHEMA)).rows).toEqual((await rows(source, "public")).rows);
});

test("A row that a constraint refuses goes into quarantine alone, also in binary form", async () => {
  await source.query(
    "create table t (id int primary key, n int, note text); insert into t select i, i, 'n' || i from generate_series(1, 500) i",
  );
  await target.query(
    `create schema ${SCHEMA}; create table ${SCHEMA}.t (id int primary key, n int check (n <> 250), note text)`,
  );
  const { document } = await copy([], { pageItems: 200 });
  expect(document.stats).toMatchObject({ rowsInserted: 499, errors: 1 });
  expect(document.errors).toMatchObject([{ key: '["t","250"]', code: "23514" }]);
  await target.query(`alter table ${SCHEMA}.t drop constraint t_n_check`);
  expect((await copy(["--retry-errors"])).document.stats).toMatchObject({ rowsInserted: 1 });
  await expectEqual();
});
