import { expect, test } from "@jest/globals";
import { findMaxRows } from "../../../../scripts/lib/move/postgrest/max-rows.ts";
import { useDatabase } from "../../../helpers/database.ts";
import { makeOdd, makePreserved, makeSalon, PRESERVED_ROWS, SALON_ROWS } from "../../../helpers/salon.ts";
import { startService, tableOf } from "./service.ts";

const db = useDatabase({ empty: true });

test("The salon's tables are described with their keys and rows, and nothing is said to be complete", async () => {
  await makeSalon(db);
  await makePreserved(db);
  const { open } = await startService(db);
  const catalog = await (await open()).catalog();
  expect(catalog).toMatchObject({ schema: "public", complete: false, sequences: [], functions: [] });
  const rows = Object.fromEntries(catalog.tables.map(({ name, estimatedRows }) => [name, estimatedRows]));
  expect(rows).toEqual({ ...SALON_ROWS, ...PRESERVED_ROWS });
  const keys = Object.fromEntries(
    catalog.tables.map(({ name, constraints }) => [name, constraints.find(({ kind }) => kind === "primary")?.columns]),
  );
  expect(keys).toMatchObject({ clients: ["id"], whatsapp_keys: ["company_id", "key_type", "key_id"] });
});

test("Columns have their types, as far as they are shown", async () => {
  await makeOdd(db, "odd");
  const { open } = await startService(db, { schema: "odd" });
  const source = await open();
  const { columns } = await tableOf(source, "every type");
  const described = (name: string) => {
    const { type, kind, isArray, json } = columns.find((column) => column.name === name) ?? {};
    return [type, kind, isArray, json];
  };
  expect(described("id")).toEqual(["bigint", "base", false, null]);
  expect(described("word")).toEqual(["character varying(20)", "base", false, null]);
  expect(described("tight")).toEqual(["jsonb", "base", false, "jsonb"]);
  expect(described("loose")).toEqual(["json", "base", false, "json"]);
  expect(described("jsons")).toEqual(["jsonb[]", "base", true, null]);
  expect(described("mood")).toEqual(["mood", "enum", false, null]);
  expect((await source.catalog()).types).toEqual([
    { name: "mood", kind: "enum", definition: `as enum ('sad', 'ok', 'very, "happy"', 'ünïcode')` },
  ]);
});

test("Comments and references are told from the notes that come with them", async () => {
  await db.query(`create table parents (id int primary key);
                  create table children (id bigint primary key, parent_id int not null references parents);
                  comment on table children is 'Theirs';
                  comment on column children.parent_id is 'Whose';
                  comment on column parents.id is 'Note: not a note'`);
  const { open } = await startService(db);
  const source = await open();
  const children = await tableOf(source, "children");
  expect(children.comment).toBe("Theirs");
  expect(children.columns.map(({ name, comment, notNull }) => [name, comment, notNull])).toEqual([
    ["id", null, true],
    ["parent_id", "Whose", true],
  ]);
  expect(children.constraints.map(({ kind, columns, references }) => [kind, columns, references])).toEqual([
    ["primary", ["id"], undefined],
    ["foreign", ["parent_id"], { schema: "public", table: "parents", columns: ["id"] }],
  ]);
  expect((await tableOf(source, "parents")).columns[0]?.comment).toBe("Note: not a note");
});

test("What the role may not see is not described", async () => {
  const role = `reader_${process.pid}_${Date.now()}`;
  await db.query(`create table shown (id int primary key); create table hidden (id int primary key);
                  create role ${role}; grant select on shown to ${role}`);
  try {
    const { open } = await startService(db, { role });
    expect((await (await open()).catalog()).tables.map(({ name }) => name)).toEqual(["shown"]);
  } finally {
    await db.query(`drop owned by ${role}; drop role ${role}`);
  }
});

test("How many rows come at a time is found out where a table holds more, and said to be a guess where none does", async () => {
  await makeSalon(db);
  const clipped = await (await startService(db, { maxRows: 250 })).open();
  expect(await findMaxRows(clipped.client, (await clipped.catalog()).tables)).toEqual({ rows: 250, exact: true });
  const roomy = await (await startService(db, { maxRows: 2_000 })).open();
  expect(await findMaxRows(roomy.client, (await roomy.catalog()).tables)).toEqual({ rows: 1_304, exact: false });
  expect(await findMaxRows(roomy.client, [])).toEqual({ rows: 0, exact: false });
});

test("What can't be written to is a view, and is left behind", async () => {
  await db.query("create table items (id int primary key); create view sums as select count(*) from items");
  const { open } = await startService(db);
  const catalog = await (await open()).catalog();
  expect(catalog.tables.map(({ name }) => name)).toEqual(["items"]);
  expect(catalog.leftBehind).toEqual(["view sums"]);
});
