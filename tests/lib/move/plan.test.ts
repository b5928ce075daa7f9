import { expect, test } from "@jest/globals";
import { withDatabase } from "../../../scripts/lib/db/database.ts";
import { readCatalog } from "../../../scripts/lib/move/catalog.ts";
import { openDirectSource } from "../../../scripts/lib/move/direct.ts";
import { linesOfPlan } from "../../../scripts/lib/move/plan/lines.ts";
import { drawPlan, type MovePlan, type Survey } from "../../../scripts/lib/move/plan.ts";
import { type Choice, selectTables } from "../../../scripts/lib/move/selection.ts";
import { useDatabase } from "../../helpers/database.ts";
import { makeOdd, makePreserved, makeSalon, ODD_ROWS, runIn, SALON_ROWS } from "../../helpers/salon.ts";

const source = useDatabase({ empty: true });
const target = useDatabase();

interface Wanted extends Choice {
  readonly to?: string;
  readonly survey?: Partial<Survey>;
  readonly complete?: boolean;
}

/** Plans from the source's public schema, in READ ONLY transactions. */
const plan = ({ to = "salon", survey = {}, complete = true, ...choice }: Wanted = {}): Promise<MovePlan> =>
  withDatabase(target.address, { readOnly: true }, async (db) => {
    const from = openDirectSource(source.address, "public");
    try {
      const catalog = { ...(await from.catalog()), complete };
      const there = await readCatalog(db, to);
      const selection = selectTables(catalog, there, choice);
      const targetName = target.address.display;
      return await drawPlan({ source: from, catalog, db, target: there, targetName, selection, ...survey });
    } finally {
      await from.close();
    }
  });

test("A plan has every table with its rows and size, behind those that its foreign keys lead to", async () => {
  await makeSalon(source);
  const { tables, rows, bytes, estimateMs, loses, cycles } = await plan();
  expect(Object.fromEntries(tables.map(({ name, rows }) => [name, rows]))).toEqual(SALON_ROWS);
  expect(rows).toBe(Object.values(SALON_ROWS).reduce((sum, count) => sum + count, 0));
  expect(tables.every((table) => table.exact && table.bytes > 0 && table.rowsInTarget === null)).toBe(true);
  expect(bytes).toBe(tables.reduce((sum, table) => sum + table.bytes, 0));
  expect(estimateMs).toBeGreaterThan(0);
  expect([loses, cycles]).toEqual([false, []]);
  const names = tables.map(({ name }) => name);
  for (const { name, behind } of tables)
    for (const parent of behind) expect(names.indexOf(parent)).toBeLessThan(names.indexOf(name));
  expect(tables.find(({ name }) => name === "dialog_contexts")?.behind).toEqual(["bookings", "clients"]);
});

test("A table of the source that has the name of one of the suite's own collides with it", async () => {
  await makeSalon(source, "public", { rows: false });
  const { collisions, loses, differences } = await plan({ to: "public" });
  expect(collisions).toEqual([
    "bookings in schema public of the target is the suite's own: choose another --target-schema",
  ]);
  expect(loses).toBe(true);
  // It is another table: that its columns are others says nothing.
  expect(differences).toEqual([]);
});

test("A difference that would lose data makes the plan say so; others do not", async () => {
  await makeSalon(source, "public", { rows: false });
  await makeSalon(target, "salon");
  await target.query("alter table salon.clients alter column name type text");
  expect(await plan()).toMatchObject({ loses: false, differences: [{ table: "clients", column: "name" }] });
  await target.query("alter table salon.clients alter column total_spent type numeric(12, 1)");
  const lossy = await plan();
  expect(lossy.loses).toBe(true);
  expect(linesOfPlan(lossy)).toEqual(
    expect.arrayContaining([
      "Would lose data:",
      "  clients.total_spent: numeric(12,1) in the target, numeric(12,2) at the source",
      "Differs, and loses nothing:",
      "  clients.name: text in the target, character varying(255) at the source",
    ]),
  );
  expect(lossy.tables.find(({ name }) => name === "clients")?.rowsInTarget).toBe(SALON_ROWS.clients);
});

test("Preserved tables do not move, and are listed with their rows", async () => {
  await makeSalon(source, "public", { rows: false });
  await makePreserved(source);
  await makePreserved(target, "salon");
  const { tables, preserved, notCarried } = await plan({ preserve: ["whatsapp_keys", "whatsapp_auth"] });
  expect(preserved).toEqual([
    { name: "whatsapp_auth", rows: 1 },
    { name: "whatsapp_keys", rows: 1127 },
  ]);
  expect(tables.map(({ name }) => name)).not.toContain("whatsapp_auth");
  expect(notCarried).toContain("tables that were not chosen: whatsapp_auth, whatsapp_keys");
});

test("What is not carried is named: views, policies, roles, circles of foreign keys", async () => {
  await makeOdd(source);
  const { notCarried, cycles, tables, differences } = await plan();
  expect(Object.fromEntries(tables.map(({ name, rows }) => [name, rows]))).toEqual(ODD_ROWS);
  expect(cycles).toEqual([["chickens", "eggs"]]);
  expect(notCarried).toEqual([
    "row-level security of: employees",
    "policies: employees_own on employees",
    "view busy_stays",
  ]);
  expect(differences).toEqual([]);
});

test("An unlogged table becomes one that a crash does not empty, and the plan says so", async () => {
  await runIn(
    source,
    "public",
    "create unlogged table t (id integer primary key); create table u (id integer primary key)",
  );
  expect((await plan()).notCarried).toEqual(["being unlogged, as what is copied is to survive a crash: t"]);
});

test("A partitioned table moves as one, and a part of the tables leaves the keys to the others", async () => {
  await runIn(
    source,
    "public",
    `create table parents (id integer primary key);
     create table parts (id integer primary key, parent integer references parents (id)) partition by range (id);
     create table parts_1 partition of parts for values from (0) to (10);
     create table parts_2 partition of parts for values from (10) to (20);
     insert into parents values (1); insert into parts select i, 1 from generate_series(0, 19) i`,
  );
  const { tables, notCarried } = await plan({ tables: ["parts"] });
  expect(tables).toEqual([expect.objectContaining({ name: "parts", rows: 20, exact: true, behind: [] })]);
  expect(notCarried).toEqual([
    "tables that were not chosen: parents",
    "foreign keys to tables that do not move: parts_parent_fkey of parts",
    "partitioning of parts",
  ]);
});

test("Of a source that can't show how to make its tables, missing ones collide unless a file makes them", async () => {
  await makeSalon(source, "public", { rows: false });
  const shown = await plan({ complete: false, tables: ["clients", "staff"] });
  expect(shown.collisions).toEqual([
    "not in the target, and the source can't show how to make them: clients, staff; give --schema-file, and leave out with --tables what is a view",
  ]);
  expect(shown.notShown).toContain("sequences, and where they stand");
  expect(await plan({ complete: false, survey: { schemaFile: true } })).toMatchObject({ collisions: [], loses: false });
});

test("A table that shows another's rows as its own would move them twice", async () => {
  await runIn(
    source,
    "public",
    "create table t (id integer primary key); create table heir (primary key (id)) inherits (t)",
  );
  expect((await plan()).collisions).toEqual([
    "t shows the rows of heir, which inherits from it, as its own: leave one of them out",
  ]);
  expect((await plan({ tables: ["heir"] })).collisions).toEqual([]);
});

test("A key that pages can't be cut by is told before anything is copied", async () => {
  await runIn(
    source,
    "public",
    "create type pair as (a int, b text); create table t (id pair primary key, more pair[])",
  );
  expect((await plan()).collisions).toEqual([
    "t has a key of the composite type pair (id), which no page can be cut by: leave it out",
  ]);
});

test("A type that neither moves nor is in the target is told before anything is made", async () => {
  await runIn(source, "types", "create type mood as enum ('ok')");
  await makeOdd(source, "public", { rows: false });
  await runIn(source, "public", "create table days (id integer primary key, m types.mood[], n types.mood)");
  const { collisions, loses } = await plan();
  expect(collisions).toEqual(["the target has no type types.mood, which days.m, days.n needs"]);
  expect(loses).toBe(true);
});

test("People read it whole, in a few sections", async () => {
  await makeSalon(source);
  const lines = linesOfPlan(await plan({ tables: ["companies", "clients"], survey: { notes: ["the key sees all"] } }));
  expect(lines[0]).toMatch(/^From postgresql:.*, schema public$/);
  expect(lines[1]).toMatch(/^To postgresql:.*, schema salon$/);
  expect(lines[2]).toMatch(/^2 tables, 1,305 rows, [\d.]+ [kM]B; takes about 0\.\d s:$/);
  expect(lines[3]).toMatch(/^ {2}table +rows +size +in the target +behind$/);
  expect(lines[5]).toMatch(/^ {2}clients +1,304 +[\d.]+ [kM]B +to be made +companies$/);
  expect(lines.slice(-2)).toEqual(["Known of the source:", "  the key sees all"]);
});

test("A name that stands for nothing, or for both, is told with what there is", async () => {
  await runIn(source, "public", "create table a (id integer primary key); create table b (id integer primary key)");
  await expect(plan({ tables: ["c"] })).rejects.toThrow("--tables: the source has no table c. It has a, b.");
  await expect(plan({ preserve: ["c"] })).rejects.toThrow(
    "--preserve: neither the source nor schema salon of the target has a table c.",
  );
  await expect(plan({ tables: ["a"], preserve: ["a"] })).rejects.toThrow(
    "a can't be both moved (--tables) and preserved (--preserve).",
  );
});
