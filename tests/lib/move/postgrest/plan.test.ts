import { expect, test } from "@jest/globals";
import { withDatabase } from "../../../../scripts/lib/db/database.ts";
import { readCatalog } from "../../../../scripts/lib/move/catalog.ts";
import { drawPlan } from "../../../../scripts/lib/move/plan.ts";
import { selectTables } from "../../../../scripts/lib/move/selection.ts";
import { useDatabase } from "../../../helpers/database.ts";
import { makeOdd, makeSalon, runIn, SALON_ROWS } from "../../../helpers/salon.ts";
import { startService } from "./service.ts";

const source = useDatabase({ empty: true });
const target = useDatabase({ empty: true });

const plan = async (schema: string) => {
  const { open } = await startService(source, { schema });
  const from = await open();
  return withDatabase(target.address, { readOnly: true }, async (db) => {
    const [catalog, there] = [await from.catalog(), await readCatalog(db, schema)];
    const selection = selectTables(catalog, there, {});
    return drawPlan({ source: from, catalog, db, target: there, targetName: "target", selection });
  });
};

test("What PostgREST does not show of the same schema is not taken for a loss", async () => {
  await makeSalon(source, "salon");
  await makeSalon(target, "salon", { rows: false });
  const { tables, differences, loses, notShown } = await plan("salon");
  expect(Object.fromEntries(tables.map(({ name, rows }) => [name, rows]))).toEqual(SALON_ROWS);
  expect(differences).toEqual([]);
  expect(loses).toBe(false);
  expect(notShown.length).toBeGreaterThan(0);
});

test("Nor is it where everything is odd", async () => {
  for (const db of [source, target]) await makeOdd(db, "odd", { rows: false });
  const { differences, collisions } = await plan("odd");
  expect(differences.filter(({ effect }) => effect === "loses")).toEqual([]);
  // It shows views as if they were tables.
  expect(collisions).toEqual([expect.stringMatching(/^not in the target, .* make them: busy_stays;/)]);
});

test("Nor is the schema that an extension's types live in", async () => {
  for (const db of [source, target])
    await db.query(`create schema salon; create schema extensions; create extension citext schema extensions;
                    create extension hstore schema ${db === source ? "extensions" : "public"};
                    create table salon.t (id int primary key, email extensions.citext, more ${db === source ? "extensions." : ""}hstore, many extensions.citext[])`);
  const { differences, collisions } = await plan("salon");
  expect({ differences, collisions }).toEqual({ differences: [], collisions: [] });
});

test("A column or a label that the target lacks, and a narrower type, are losses all the same", async () => {
  await makeSalon(source, "salon", { rows: false });
  await makeSalon(target, "salon", { rows: false });
  await runIn(
    target,
    "salon",
    `alter table staff drop column telegram; alter table clients alter column yclients_id type text;
     alter table services alter column title type varchar(50)`,
  );
  const { differences } = await plan("salon");
  expect(
    differences.filter(({ effect }) => effect === "loses").map(({ table, column }) => `${table}.${column}`),
  ).toEqual(["services.title", "staff.telegram"]);
});
