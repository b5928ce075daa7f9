import { expect, test } from "@jest/globals";
import { countUnresolved, listUnresolved, quarantine, resolve } from "../../../scripts/lib/journal/quarantine.ts";
import { countRows } from "../../helpers/crm.ts";
import { useDatabase } from "../../helpers/database.ts";

const db = useDatabase();

const run = (id: number) => ({ id, script: "a-script" });
const error = (key: string, message = "no") => ({ key, code: "23514", message });

test("an item stands there once, with the newest reason, and leaves when it is resolved", async () => {
  await quarantine(db, run(1), error("b"));
  await quarantine(db, run(1), error("a"));
  await quarantine(db, run(2), error("b", "still no"));
  expect(await listUnresolved(db, "a-script", { limit: 10 })).toEqual([error("a"), error("b", "still no")]);
  expect(await listUnresolved(db, "a-script", { after: "a", limit: 10 })).toEqual([error("b", "still no")]);
  expect(await listUnresolved(db, "a-script", { limit: 1 })).toEqual([error("a")]);
  await resolve(db, "a-script", ["b", "unknown"]);
  expect(await countUnresolved(db, "a-script")).toBe(1);
});

test("an item that fails again after it was resolved stands there anew; what was stays on record", async () => {
  await quarantine(db, run(1), error("a"));
  await resolve(db, "a-script", ["a"]);
  await quarantine(db, run(2), error("a"));
  expect(await countUnresolved(db, "a-script")).toBe(1);
  expect(await countRows(db, "migration_errors")).toBe(2);
});

test("one script's items are not another's", async () => {
  await quarantine(db, run(1), error("a"));
  await resolve(db, "b-script", ["a"]);
  expect(await countUnresolved(db, "a-script")).toBe(1);
  expect(await countUnresolved(db, "b-script")).toBe(0);
});
