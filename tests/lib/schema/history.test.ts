import { expect, test } from "@jest/globals";
import { withDatabase } from "../../../scripts/lib/db/database.ts";
import { applyFolders, markApplied } from "../../../scripts/lib/schema/engine.ts";
import { interruptedOf, isApplied, isChanged, readHistory } from "../../../scripts/lib/schema/history.ts";
import { useDatabase } from "../../helpers/database.ts";
import { folder } from "./folder.ts";

const db = useDatabase({ empty: true });

const people = folder("20250101_people", "create table people\n(id int);\n");
const broken = folder("20250102_pets", "select 1/0;");

test("Where Prisma never was, the history is empty", async () => {
  expect(await readHistory(db)).toEqual([]);
});

test("What ran, what was only recorded and what failed are told apart", async () => {
  const recorded = folder("20250100_recorded", "select 1;");
  await markApplied(db.address, recorded);
  await applyFolders(db.address, [people, broken]).catch(() => undefined);
  const history = await readHistory(db);
  expect(history).toEqual([
    { name: recorded.name, checksum: recorded.checksum, finished: true, rolledBack: false, appliedStepsCount: 0 },
    { name: people.name, checksum: people.checksum, finished: true, rolledBack: false, appliedStepsCount: 1 },
    { name: broken.name, checksum: broken.checksum, finished: false, rolledBack: false, appliedStepsCount: 0 },
  ]);
  expect([recorded, people, broken].map((each) => isApplied(history, each))).toEqual([true, true, false]);
  expect(interruptedOf(history)).toEqual([broken.name]);
});

test("An entry that was rolled back does not count as applied", async () => {
  await applyFolders(db.address, [people]);
  await db.query("update _prisma_migrations set rolled_back_at = now()");
  expect(isApplied(await readHistory(db), people)).toBe(false);
});

test("A file that was changed after it was applied is noticed, whatever its line ends", async () => {
  await applyFolders(db.address, [people]);
  const history = await readHistory(db);
  const dos = folder(people.name, people.sql.replaceAll("\n", "\r\n"));
  const edited = folder(people.name, `${people.sql}-- more`);
  expect([people, dos, edited].map((each) => isChanged(history, each))).toEqual([false, false, true]);
});

test("A role that may only read reads the history", async () => {
  await applyFolders(db.address, [people]);
  const rows = await withDatabase(db.address, { readOnly: true }, readHistory);
  expect(rows.map(({ name }) => name)).toEqual([people.name]);
});
