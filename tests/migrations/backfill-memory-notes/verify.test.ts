/** verify.sql of batch 5: silent after a good run; each check has a way to be broken here. */
import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { beforeEach, expect, test } from "@jest/globals";
import { readChecks, runChecks } from "../../../scripts/lib/checks.ts";
import { withDatabase } from "../../../scripts/lib/db/database.ts";
import { TOLD } from "../../../scripts/migrations/backfill-memory-notes/page.ts";
import batch from "../../../scripts/migrations/backfill-memory-notes.ts";
import { addCustomer, addLead, addRow } from "../../helpers/crm.ts";
import { useDatabase } from "../../helpers/database.ts";
import { runInProcess } from "../../helpers/script.ts";
import { psql, testWithPsql } from "../rollback/psql.ts";
import { addManyStates, addRemembering } from "./states.ts";

const db = useDatabase();
const FILE = fileURLToPath(
  new URL("../../../prisma/migrations/20251111_backfill_memory_notes/verify.sql", import.meta.url),
);

let lead: string;
beforeEach(async () => {
  lead = await addRemembering(db, {
    time: "mornings",
    token: "x",
    none: [],
    deep: { a: [1, { b: 2 }] },
    tokens_used: 5,
  });
  await addManyStates(db, 5, 6);
  await addLead(db);
  await addRow(db, "MemoryNote", { content: "mine" });
  await runInProcess(batch, db);
});

const broken = async () =>
  (await withDatabase(db.address, { max: 1 }, (database) => runChecks(database, FILE)))
    .filter(({ count, error }) => count > 0 || error !== undefined)
    .map(({ name, failed, error }) => ({ name, failed, ...(error === undefined ? {} : { error }) }));

const remember = (state: unknown) =>
  db.query('update "Lead" set state_metadata = $1 where id = $2', [JSON.stringify(state), lead]);

interface Breach {
  readonly check: string;
  readonly by: () => Promise<unknown>;
}

const NOTES =
  "every key that makes a note has one, that says what its lead says and is its lead's customer's, or a reason";

const FAILURES: readonly Breach[] = [
  { check: NOTES, by: () => addRemembering(db, { new: 1 }) },
  { check: NOTES, by: () => remember({ time: "evenings", deep: 1, tokens_used: 5 }) },
  { check: NOTES, by: () => db.query(`delete from "MemoryNote" where content = 'time: mornings'`) },
  {
    check: NOTES,
    by: async () => db.query('update "Lead" set customer_id = $1 where id = $2', [await addCustomer(db), lead]),
  },
  {
    check: "no two notes of one key of one lead",
    by: async () => {
      await db.query('drop index "MemoryNote_lead_state_key"');
      await db.query(
        `insert into "MemoryNote" (customer_id, content, metadata)
         select customer_id, content, metadata from "MemoryNote" where content = 'time: mornings'`,
      );
    },
  },
  {
    check: "the unique index on lead and key is there and valid",
    by: () => db.query('drop index "MemoryNote_lead_state_key"'),
  },
  {
    check: "items in quarantine",
    by: () =>
      db.query(`insert into migration_errors (run_id, script, item_key, code, message)
                values (1, 'backfill-memory-notes', 'x', '23514', 'refused')`),
  },
];

testWithPsql("it holds after a run, from Node and from psql", async () => {
  expect(await broken()).toEqual([]);
  expect(await psql(db.url, FILE)).toMatchObject({ exitCode: 0, stderr: "" });
});

testWithPsql.each(FAILURES)("it fails: $check (case %#)", async ({ check, by }) => {
  await by();
  const failed = (await broken()).filter((result) => result.failed).map(({ name }) => name);
  expect(failed).toContain(check);
  // Without its index a key may have two notes: the one can't be broken without the other.
  expect(failed.filter((name) => name === check || !name.startsWith("the unique index"))).toEqual([check]);
  const { exitCode, stderr } = await psql(db.url, FILE);
  expect([exitCode, stderr]).toEqual([3, expect.stringContaining("ERROR:  batch 5 does not hold")]);
});

const WARNINGS: readonly Breach[] = [
  { check: "notes whose lead, or whose key in it, is gone", by: () => remember({ deep: { a: [1, { b: 2 }] } }) },
  { check: "notes whose lead, or whose key in it, is gone", by: () => remember(["time"]) },
  {
    check: "notes whose lead, or whose key in it, is gone",
    by: () => db.query('delete from "Lead" where id = $1', [lead]),
  },
  {
    check: "notes that somebody has edited",
    by: () => db.query(`update "MemoryNote" set content = 'never' where content = 'time: mornings'`),
  },
  { check: "leads with keys and without a customer", by: () => addLead(db, { state_metadata: { a: 1 } }) },
];

testWithPsql.each(WARNINGS)("it only warns: $check (case %#)", async ({ check, by }) => {
  await by();
  expect(await broken()).toEqual([{ name: check, failed: false }]);
  expect(await psql(db.url, FILE)).toMatchObject({ exitCode: 0, stderr: "" });
});

test("what is in quarantine is reported as that alone, and no longer once it is stored", async () => {
  await db.query(`alter table "MemoryNote" add constraint no_bad check (content <> 'bad: bad')`);
  await addRemembering(db, { bad: "bad" });
  await runInProcess(batch, db);
  expect(await broken()).toEqual([{ name: "items in quarantine", failed: true }]);
  await db.query('alter table "MemoryNote" drop constraint no_bad');
  await runInProcess(batch, db, ["--retry-errors"]);
  expect(await broken()).toEqual([]);
});

/** UPDATE_VERIFY=1 writes it anew, after a change to the statement. */
test("it asks with the batch's own statement", async () => {
  const text = await readFile(FILE, "utf8");
  const anew = text.replace(/(?<=\n)known as materialized \([\s\S]*?(?=\n\nselect item\.lead_id)/, () => TOLD);
  if (process.env.UPDATE_VERIFY === "1") await writeFile(FILE, anew);
  else expect(text).toBe(anew);
  expect(anew).toContain(`\n${TOLD}\n`);
});

test("every check of the file is broken by one of these", async () => {
  const named = [...FAILURES, ...WARNINGS].map(({ check }) => check);
  expect((await readChecks(FILE)).map(({ name }) => name).sort()).toEqual([...new Set(named)].sort());
});
