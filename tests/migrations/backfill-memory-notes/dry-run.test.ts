/** A dry run reads, whatever the database has and whoever asks; and foretells the run counter by counter. */
import { expect, test } from "@jest/globals";
import { parseAddress } from "../../../scripts/lib/db/address.ts";
import batch from "../../../scripts/migrations/backfill-memory-notes.ts";
import { addLead, addRow } from "../../helpers/crm.ts";
import { useDatabase } from "../../helpers/database.ts";
import { randomOf } from "../../helpers/hostile.ts";
import { numbersOf, runInProcess } from "../../helpers/script.ts";
import { addManyStates, addRemembering, inPagesOf } from "./states.ts";

const db = useDatabase();
const FOLDER = "20251111_backfill_memory_notes";

/** As before the first run: nothing of the batch's folder is there. */
const withoutFolder = async () => {
  await db.query('drop index "MemoryNote_lead_state_key"');
  await db.query("delete from _prisma_migrations where migration_name = $1", [FOLDER]);
};

test("it needs nothing that its own folder makes, says what that would be, and makes nothing", async () => {
  await withoutFolder();
  const lead = await addRemembering(db, { a: 1, b: [], token: "x" });
  const metadata = { source: "state_metadata_backfill", leadId: lead, key: "c" };
  await addRow(db, "MemoryNote", { content: "c: 3", metadata });
  await db.query(`update "Lead" set state_metadata = state_metadata || '{"c": 3}'`);
  const before = await db.snapshot();
  const dry = await runInProcess(batch, db, ["--dry-run"]);
  expect(await db.snapshot()).toEqual(before);
  const run = await runInProcess(batch, db);
  expect(run.document.stats).toMatchObject({ notesCreated: 1, notesUpdated: 1, notesSkipped: 2, leadsProcessed: 1 });
  expect(numbersOf(dry)).toEqual(numbersOf(run));
});

test("it works with a role that may only read, and takes no lock of the script's", async () => {
  await addManyStates(db, 20, 5);
  const role = `reader_${Date.now()}`;
  await db.query(`create role ${role} login`);
  try {
    await db.query(`grant select on all tables in schema public to ${role}`);
    const url = new URL(db.url);
    url.username = role;
    const { document } = await runInProcess(batch, { address: parseAddress(url.href) }, ["--dry-run"]);
    expect(document).toMatchObject({ status: "completed", stats: { notesCreated: 100, leadsProcessed: 20 } });
  } finally {
    await db.query(`drop owned by ${role}`);
    await db.query(`drop role ${role}`);
  }
});

const VALUES = [1, "x", " ", null, [], ["a", [1]], { a: { b: 2 } }, { password: "x" }, "her password: tea", true, 1.5];
const KEYS = ["a", "b_c", "dE", "token", "tokens_used", "auth", "Ж", "", "x/y"];

test.each([1, 2, 3, 4, 5, 6])(
  "it foretells run, changed run and retries on what chance makes (seed %i)",
  async (seed) => {
    const random = randomOf(seed);
    const one = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
    const state = () =>
      random() < 0.1
        ? one<unknown>([5, [], "x", {}])
        : Object.fromEntries(KEYS.filter(() => random() < 0.5).map((key) => [key, one(VALUES)]));
    for (let n = 0; n < 25; n += 1)
      await (random() < 0.2 ? addLead(db, { state_metadata: state() }) : addRemembering(db, state()));
    if (seed % 2 === 0) await withoutFolder();
    const foretold = async (...argv: string[]) => {
      const dry = await runInProcess(batch, db, [...argv, "--dry-run"]);
      const run = await runInProcess(inPagesOf(4), db, [...argv, "--workers", String(1 + (seed % 3))]);
      expect(numbersOf(dry)).toEqual({ ...numbersOf(run), errors: expect.arrayContaining([...run.document.errors]) });
    };
    await db.query(`alter table "MemoryNote" add constraint never check (content <> 'never')`);
    await foretold();
    await db.query(`update "MemoryNote" set content = content || '!' where metadata ->> 'key' = 'b_c'`);
    for (const { id } of (await db.query<{ id: string }>('select id from "Lead" where random() < 0.5')).rows)
      await db.query('update "Lead" set state_metadata = $1 where id = $2', [JSON.stringify(state()), id]);
    await foretold();
    await foretold("--retry-errors");
    await foretold();
  },
);
