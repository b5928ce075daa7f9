import { expect, test } from "@jest/globals";
import { withDatabase } from "../../../scripts/lib/db/database.ts";
import { inTransaction } from "../../../scripts/lib/db/transaction.ts";
import { readCatalog } from "../../../scripts/lib/move/catalog.ts";
import { diffTables } from "../../../scripts/lib/move/diff.ts";
import { type Drops, dropExisting, linesOfDrops, planDrops } from "../../../scripts/lib/move/drop.ts";
import { applySchema, planSchema } from "../../../scripts/lib/move/schema.ts";
import { type Choice, selectTables } from "../../../scripts/lib/move/selection.ts";
import { useDatabase } from "../../helpers/database.ts";
import { makeOdd, makePreserved, makeSalon, PRESERVED_ROWS, runIn } from "../../helpers/salon.ts";

const db = useDatabase();
const TARGET = "salon";

const planFrom = (from: string, choice: Choice = {}, to = TARGET): Promise<Drops> =>
  withDatabase(db.address, { readOnly: true }, async (database) => {
    const [source, target] = [await readCatalog(database, from), await readCatalog(database, to)];
    return planDrops(database, source, target, selectTables(source, target, choice));
  });

/** Drops and makes anew, in one transaction, which `spoil` may make fail; answers with what differs afterwards. */
const replaceFrom = (from: string, choice: Choice, spoil = "select 1") =>
  withDatabase(db.address, {}, async (database) => {
    const [source, target] = [await readCatalog(database, from), await readCatalog(database, TARGET)];
    const selection = selectTables(source, target, choice);
    const plan = await planSchema(database, source, target, { selection, dropExisting: true, copies: "kept_run_7" });
    await inTransaction(database, {}, async (tx) => {
      await applySchema(tx, plan);
      await tx.query(spoil);
    });
    return diffTables(source, await readCatalog(database, TARGET), selection.tables);
  });

const countOf = async (table: string) => (await db.query(`select count(*)::int as n from ${table}`)).rows[0]?.n;

test("Tables are made anew as the source has them, and preserved ones are copied first and stay", async () => {
  await makeSalon(db, "source");
  await makeSalon(db, TARGET);
  await makePreserved(db, TARGET);
  await db.query("alter table salon.clients drop column tags");
  const choice = { preserve: ["whatsapp_auth", "whatsapp_keys"] };
  const drops = await planFrom("source", choice);
  expect(drops.copied).toEqual(choice.preserve);
  expect(drops.tables).toHaveLength(10);
  expect(linesOfDrops(drops, TARGET, "kept_run_7")[0]).toBe(
    "copies whatsapp_auth, whatsapp_keys into schema kept_run_7",
  );
  expect((await replaceFrom("source", choice)).map(({ what }) => what)).toEqual([
    "trigger bookings_touch is missing in the target",
    "trigger clients_touch is missing in the target",
  ]);
  expect(await countOf("salon.clients")).toBe(0);
  for (const schema of [TARGET, "kept_run_7"])
    expect(await countOf(`${schema}.whatsapp_keys`)).toBe(PRESERVED_ROWS.whatsapp_keys);
});

test("Where anything fails, everything is there as before", async () => {
  await makeSalon(db, "source", { rows: false });
  await makeSalon(db, TARGET);
  await makePreserved(db, TARGET);
  const choice = { preserve: ["whatsapp_auth"] };
  await expect(replaceFrom("source", choice, "select 1 / 0")).rejects.toThrow("division by zero");
  expect(await countOf("salon.clients")).toBe(1304);
  expect((await db.query("select from pg_namespace where nspname = 'kept_run_7'")).rows).toEqual([]);
});

test("Nothing is dropped that a preserved table, a view or anything else leans on; each is named", async () => {
  await makeSalon(db, "source", { rows: false });
  await makeSalon(db, TARGET, { rows: false });
  await makePreserved(db, TARGET);
  await runIn(
    db,
    TARGET,
    `alter table whatsapp_auth add client integer constraint auth_client_fkey references clients (id);
     create view open_bookings as select * from bookings;
     create table guests (id integer default nextval('clients_id_seq'))`,
  );
  const attempt = planFrom("source", { preserve: ["whatsapp_auth"] });
  await expect(attempt).rejects.toThrow("constraint auth_client_fkey on table salon.whatsapp_auth");
  await expect(attempt).rejects.toThrow("rule _RETURN on view salon.open_bookings");
  await expect(attempt).rejects.toThrow("default value for column id of table salon.guests");
});

test("What came to lean on a table after the plan makes the server refuse", async () => {
  await makeSalon(db, "source", { rows: false });
  await makeSalon(db, TARGET, { rows: false });
  const drops = await planFrom("source");
  await runIn(db, TARGET, "create view later as select * from bookings");
  const late = withDatabase(db.address, {}, (database) =>
    inTransaction(database, {}, (tx) => dropExisting(tx, TARGET, drops, "kept")),
  );
  await expect(late).rejects.toMatchObject({ code: "2BP01" });
});

test("Tables that refer to each other go together, also those with everything that is odd", async () => {
  await makeOdd(db, "source", { rows: false });
  await makeOdd(db, TARGET);
  await db.query("drop view salon.busy_stays");
  expect((await replaceFrom("source", {})).filter(({ effect }) => effect !== "differs")).toEqual([]);
  expect(await countOf("salon.stays")).toBe(0);
});

test("A type that the source defines otherwise goes too, unless something that stays uses it", async () => {
  for (const [schema, labels] of [
    ["source", "'a', 'b'"],
    [TARGET, "'a'"],
  ] as const)
    await runIn(
      db,
      schema,
      `create type mood as enum (${labels}); create type pair as (one mood, two mood[]); create domain same as text;
       create table days (mood mood default 'a', moods mood[], pair pair)`,
    );
  expect((await planFrom("source")).types).toEqual([]);
  await db.query("drop table salon.days; drop type salon.pair; create type salon.pair as (one salon.mood)");
  expect((await planFrom("source")).types).toEqual(["mood", "pair"]);
  await runIn(db, TARGET, "create table weeks (mood mood)");
  expect((await planFrom("source")).types).toEqual(["pair"]);
});

test("The suite's own tables are never dropped", async () => {
  await makeSalon(db, "source", { rows: false });
  await expect(planFrom("source", {}, "public")).rejects.toThrow(
    "--drop-existing would drop the suite's own bookings: choose another --target-schema.",
  );
});
