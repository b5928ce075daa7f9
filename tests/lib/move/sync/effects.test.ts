/** What a run leaves of a row that it changes more than once. */
import { expect, test } from "@jest/globals";
import { noteSelect } from "../../../../scripts/lib/move/sync/effects.ts";
import { useDatabase } from "../../../helpers/database.ts";

const db = useDatabase();

/** A change of row 7 of table t, by run 3. */
const change = (action: "update" | "delete", values: object, writtenBy: string, hash: string | null) =>
  db.query(
    `with changed as (select 7 as "the ""key""", $3::jsonb as "values before", $4::text as "was written by", $5::text as "hash after")
     insert into migration_effects (run_id, table_name, row_id, action, before, hash)
     ${noteSelect(action, ['the "key"'], "changed")}`,
    [3, "t", JSON.stringify(values), writtenBy, hash],
  );

const notes = async () => (await db.query("select row_id, action, before, hash from migration_effects")).rows;

const KEY = { key: ["7"], keyNames: ['the "key"'] };

test("Every value of before the first change is kept, of whichever column, and what the row became last", async () => {
  await change("update", { a: "1", b: null }, "100", "first");
  await change("update", { b: "new", c: "3" }, "200", "second");
  expect(await notes()).toEqual([
    {
      row_id: '["7"]',
      action: "update",
      before: { ...KEY, values: { a: "1", b: null, c: "3" }, writtenBy: "100" },
      hash: "second",
    },
  ]);
});

test("A row that is changed, and deleted later on, is noted whole", async () => {
  await change("update", { a: "1" }, "100", "first");
  await change("delete", { a: "new", b: "2" }, "200", null);
  expect(await notes()).toEqual([
    { row_id: '["7"]', action: "delete", before: { ...KEY, values: { a: "1", b: "2" }, writtenBy: "100" }, hash: null },
  ]);
});
