import { expect, test } from "@jest/globals";
import { withDatabase } from "../../../scripts/lib/db/database.ts";
import { inTransaction } from "../../../scripts/lib/db/transaction.ts";
import { readCatalog, readCatalogIn } from "../../../scripts/lib/move/catalog.ts";
import { type Catalog, type Column, keyOf, type Table } from "../../../scripts/lib/move/catalog-types.ts";
import { useDatabase } from "../../helpers/database.ts";
import { makeOdd, makeSalon, ODD_ROWS, runIn } from "../../helpers/salon.ts";

const db = useDatabase({ empty: true });

const read = (schema: string): Promise<Catalog> =>
  withDatabase(db.address, { readOnly: true }, (database) => readCatalog(database, schema));

const tableOf = ({ tables }: Catalog, name: string): Table => {
  const table = tables.find((other) => other.name === name);
  if (table === undefined) throw new Error(`There is no table ${name}.`);
  return table;
};

const columnOf = (table: Table, name: string): Column | undefined =>
  table.columns.find((column) => column.name === name);

test("A column's type is written as SQL has it, and what it is made of is told", async () => {
  await makeOdd(db, "odd", { rows: false });
  const { columns } = tableOf(await read("odd"), "every type");
  const told = Object.fromEntries(
    columns.map(({ name, type, kind, isArray, json }) => [name, [type, kind, isArray, json].filter(Boolean).join(" ")]),
  );
  expect(told).toMatchObject({
    id: "bigint base",
    price: "numeric(30,10) base",
    char: '"char" base',
    letters: "character(6) base",
    word: "character varying(20) base",
    bits: "bit(5) base",
    local_ms: "timestamp(3) without time zone base",
    loose: "json base json",
    tight: "jsonb base jsonb",
    path: "jsonpath base",
    mood: "mood enum",
    count: "positive domain",
    options: "settings domain jsonb",
    home: "address composite",
    open: "hours range",
    whole: "int4range range",
    spans: "int8multirange range",
    texts: "text[] base true",
    amounts: "numeric(8,2)[] base true",
    jsons: "jsonb[] base true",
    moods: "mood[] enum true",
    homes: "address[] composite true",
    counts: "positive[] domain true",
    grid: "integer[] base true",
  });
  expect(columns.filter(({ collation }) => collation !== null).map(({ name, collation }) => [name, collation])).toEqual(
    [["body", '"C"']],
  );
});

test("What gives a column its value is told: a default, an identity or an expression", async () => {
  await makeOdd(db, "odd", { rows: false });
  const catalog = await read("odd");
  const quoted = tableOf(catalog, 'Quoted "Names"');
  expect(quoted.columns.map((column) => column.name)).toEqual([
    "select",
    "with space",
    "Ünï",
    "from",
    "position",
    ":colon",
  ]);
  expect(columnOf(quoted, "select")).toMatchObject({
    identity: "always",
    default: null,
    notNull: true,
    comment: "two\nlines",
  });
  expect(columnOf(quoted, "position")).toMatchObject({ identity: "by default", generated: null });
  expect(columnOf(quoted, "from")).toMatchObject({ generated: 'plus_tax("Ünï")', default: null });
  expect(columnOf(quoted, "with space")).toMatchObject({ default: `'it''s; "quoted"'::text` });
  expect(columnOf(tableOf(catalog, "stays"), "ticket")?.default).toBe("nextval('ticket_number'::regclass)");
});

test("Keys and constraints have their columns in their own order, and foreign keys where they lead", async () => {
  await makeOdd(db, "odd", { rows: false });
  const catalog = await read("odd");
  const keys = Object.fromEntries(catalog.tables.map((table) => [table.name, keyOf(table)]));
  expect(keys).toMatchObject({
    turned_keys: ["c", "b"],
    three_keys: ["company", "kind", "at"],
    'Quoted "Names"': ["select"],
    no_key: [],
    no_key_but_unique: [],
  });
  const { constraints, indexes, triggers } = tableOf(catalog, "stays");
  expect(constraints.map(({ kind, name, columns }) => [kind, name, columns.join()])).toEqual([
    ["primary", "stays_pkey", "id"],
    ["exclude", "stays_do_not_overlap", "during"],
    ["foreign", "stays_three_fkey", "three_company,three_kind,three_at"],
  ]);
  expect(constraints.at(-1)).toMatchObject({
    definition:
      "FOREIGN KEY (three_company, three_kind, three_at) REFERENCES three_keys(company, kind, at) MATCH FULL ON DELETE CASCADE",
    references: { schema: "odd", table: "three_keys", columns: ["company", "kind", "at"] },
  });
  expect(constraints[0]).not.toHaveProperty("references");
  expect(tableOf(catalog, "chickens").constraints.at(-1)?.definition).toMatch(/DEFERRABLE INITIALLY DEFERRED$/);
  expect(indexes.map(({ name, unique, comment }) => [name, unique, comment])).toEqual([
    ["stays_brin", false, null],
    ["stays_hash", false, "on an index"],
    ["stays_one_note", true, null],
    ["stays_pattern", false, null],
  ]);
  expect(indexes[2]?.definition).toBe(
    "CREATE UNIQUE INDEX stays_one_note ON stays USING btree (lower(note::text), room DESC NULLS LAST) WHERE kind <> 'sad'::mood",
  );
  expect(triggers).toEqual([
    {
      name: "stays_note",
      definition:
        "CREATE TRIGGER stays_note BEFORE INSERT OR UPDATE OF note ON stays FOR EACH ROW WHEN (new.room IS DISTINCT FROM 13) EXECUTE FUNCTION keep_note()",
    },
  ]);
});

test("Types, sequences and functions are those that somebody made, each after what it needs", async () => {
  await makeOdd(db, "odd");
  const { types, sequences, functions, leftBehind, complete } = await read("odd");
  expect(types.map(({ name, kind }) => `${kind} ${name}`)).toEqual([
    "enum mood",
    "domain positive",
    "domain settings",
    "composite address",
    "range hours",
  ]);
  expect(types[0]?.definition).toBe(`as enum ('sad', 'ok', 'very, "happy"', 'ünïcode')`);
  expect(types[3]).toMatchObject({
    definition: 'as (street text, "house no" integer, since timestamp without time zone, moods mood[])',
    needs: ["mood"],
  });
  expect(sequences.find(({ name }) => name === "ticket_number")).toEqual({
    name: "ticket_number",
    type: "integer",
    ownedBy: null,
    definition: "increment by -5 minvalue -1000 maxvalue 1000 start with 990 cache 3 cycle",
    last: expect.stringMatching(/^-?\d+$/),
    comment: "Counts down; nobody's own",
  });
  expect(sequences.find(({ name }) => name === "nothing_in_it_id_seq")).toMatchObject({
    ownedBy: { table: "nothing_in_it", column: "id" },
    last: null,
  });
  expect(functions.map(({ name, needed }) => [name, needed])).toEqual([
    ["plus_tax", true],
    ["keep_note", false],
  ]);
  expect([leftBehind, complete]).toEqual([["view busy_stays"], true]);
});

test("Sizes follow the rows, before statistics are made and after", async () => {
  await makeSalon(db, "salon");
  const before = tableOf(await read("salon"), "clients");
  expect(before.estimatedRows).toBeGreaterThan(100);
  await db.query("analyze salon.clients");
  const after = tableOf(await read("salon"), "clients");
  expect(after.estimatedRows).toBe(1304);
  expect(after.bytes).toBeGreaterThan(after.estimatedRows * 100);
});

test("A schema that is not there has nothing; one is read without the others", async () => {
  await makeOdd(db, "odd", { rows: false });
  await makeSalon(db, "salon", { rows: false });
  expect(await read("nowhere")).toMatchObject({ tables: [], types: [], sequences: [], functions: [], leftBehind: [] });
  expect((await read("odd")).tables.map(({ name }) => name)).toEqual(Object.keys(ODD_ROWS));
});

test("A type of another schema keeps its schema's name", async () => {
  await runIn(db, "other", "create type mood as enum ('a')");
  await runIn(db, "mine", "create table t (m other.mood, ms other.mood[])");
  expect(tableOf(await read("mine"), "t").columns.map(({ type }) => type)).toEqual(["other.mood", "other.mood[]"]);
});

test("Roles with rights or policies are named; the owner is not", async () => {
  await runIn(db, "mine", "create table t (id integer); grant select on t to pg_monitor");
  await runIn(
    db,
    "mine",
    "create policy p on t to pg_read_all_data using (true); alter table t enable row level security",
  );
  const { roles, tables } = await read("mine");
  expect(roles).toEqual(["pg_monitor", "pg_read_all_data"]);
  expect(tables[0]).toMatchObject({ rowSecurity: true, policies: ["p"] });
});

test("What is left behind is named, kind by kind", async () => {
  await runIn(
    db,
    "mine",
    `create table t (id integer, v integer); create view a_view as select 1;
     create materialized view stored as select 1;
     create rule quiet as on delete to t do instead nothing; create statistics related on id, v from t;
     create aggregate total (integer) (sfunc = int4pl, stype = integer);
     create table parts (id integer) partition by hash (id); create table part partition of parts for values with (modulus 1, remainder 0);
     create table child () inherits (t); create publication news for table t`,
  );
  const { leftBehind, tables } = await read("mine");
  expect(leftBehind).toEqual([
    "aggregate total",
    "inheritance of child",
    "materialized view stored",
    "partitioning of parts",
    "publication of child in news",
    "publication of t in news",
    "rule quiet on t",
    "statistics related",
    "view a_view",
  ]);
  expect(tables.map(({ name, heirs }) => [name, heirs])).toEqual([
    ["child", []],
    ["parts", []],
    ["t", ["child"]],
  ]);
});

test("Whoever reads within a transaction finds names as before", async () => {
  await makeOdd(db, "odd", { rows: false });
  const path = await withDatabase(db.address, {}, (database) =>
    inTransaction(database, {}, async (tx) => {
      await tx.query("set local search_path = ''");
      await readCatalogIn(tx, "odd");
      return (await tx.query("select current_setting('search_path') as path")).rows;
    }),
  );
  expect(path).toEqual([{ path: '""' }]);
});
