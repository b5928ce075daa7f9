import { createHash } from "node:crypto";
import { expect, test } from "@jest/globals";
import { storableKey } from "../../../scripts/lib/item-key.ts";
import {
  countUnresolved,
  listUnresolved,
  quarantine,
  resolve,
  unresolvedAmong,
} from "../../../scripts/lib/journal/quarantine.ts";
import { countRows } from "../../helpers/crm.ts";
import { useDatabase } from "../../helpers/database.ts";

const db = useDatabase();

const run = (id: number) => ({ id, script: "a-script" });
/** What no btree takes, and what no text of PostgreSQL holds. */
const LONG = Array.from({ length: 200 }, (_, n) => createHash("sha256").update(`${n}`).digest("hex")).join("");
const ODD = ["", "a\0b", "half \ud83d", LONG, `${LONG}!`];

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

test("any key can be held, found, listed and resolved; a reason has no U+0000", async () => {
  for (const key of ODD) await quarantine(db, run(1), error(key, "no\0"));
  for (const key of ODD) await quarantine(db, run(2), error(key, "still\0"));
  expect(await unresolvedAmong(db, "a-script", [...ODD, "other"])).toEqual(new Set(ODD));
  const listed = await listUnresolved(db, "a-script", { limit: 10 });
  expect(listed.map(({ key }) => key).sort()).toEqual(ODD.map(storableKey).sort());
  expect(new Set(listed.map(({ message }) => message))).toEqual(new Set(["still\ufffd"]));
  await resolve(db, "a-script", ODD);
  expect(await countUnresolved(db, "a-script")).toBe(0);
});

test("a key that the quarantine gave back is that of the same item", () => {
  expect(ODD.map(storableKey).map(storableKey)).toEqual(ODD.map(storableKey));
  expect(storableKey(LONG)).toHaveLength(200 + "…md5:".length + 32);
  expect(storableKey("😀".repeat(600))).toMatch(/^(😀){200}…md5:/u);
});
