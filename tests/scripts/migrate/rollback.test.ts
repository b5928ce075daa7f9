import { beforeEach, describe, expect, test } from "@jest/globals";
import { BATCHES } from "../../../scripts/lib/batches.ts";
import { listFolders } from "../../../scripts/lib/schema/folders.ts";
import fullTextIndexes from "../../../scripts/migrations/add-fts-indexes.ts";
import conversations from "../../../scripts/migrations/backfill-conversations-messages.ts";
import customers from "../../../scripts/migrations/backfill-customers.ts";
import notes from "../../../scripts/migrations/backfill-memory-notes.ts";
import tags from "../../../scripts/migrations/classify-chats.ts";
import createSchema from "../../../scripts/migrations/create-schema.ts";
import { addBusyLeads } from "../../helpers/audits.ts";
import { addConversation, addCustomer, addLead, addMessage, addRow, rowsOf } from "../../helpers/crm.ts";
import { useDatabase } from "../../helpers/database.ts";
import { runInProcess } from "../../helpers/script.ts";
import { batchOf, message, page, RULES, thread } from "../../lib/sinks/bed.ts";
import { FOREIGN_CRM, readCatalog } from "../../migrations/create-schema-database.ts";
import { psql, testWithPsql } from "../../migrations/rollback/psql.ts";
import { deskOn } from "./desk.ts";
import { useTwin } from "./twin.ts";

const WIDEST = 80;

const fileOf = async (number: number): Promise<string> => {
  const folder = BATCHES.find((batch) => batch.number === number)?.folders.at(-1);
  return (await listFolders()).find(({ name }) => name === folder)?.rollback ?? "";
};

const tablesOf = (done: { json: { tables: { table: string; removed: number; restored: number }[] } }) =>
  Object.fromEntries(done.json.tables.map(({ table, removed, restored }) => [table, [removed, restored]]));

describe("On a database with batches 1 to 4", () => {
  const db = useDatabase();
  const twinOf = useTwin();

  const live = async () => {
    const [conversation] = await rowsOf(db, "Conversation");
    await addMessage(db, conversation?.id, { content: "very live" });
    return conversation?.id as string;
  };

  beforeEach(async () => {
    await addBusyLeads(db, 4, 3);
    await addRow(db, "Job", { lead_id: await addLead(db, { messenger_psid: "p" }) });
    await runInProcess(fullTextIndexes, db);
    await runInProcess(customers, db);
    await runInProcess(conversations, db);
  });

  testWithPsql(
    "from 4 down to 2 the tables are at each step what psql makes them, and up again what they were",
    async () => {
      const stored = await db.snapshot({ tables: ["migration_effects"] });
      const twin = await twinOf(db);
      for (const number of [4, 3, 2]) {
        const done = await deskOn(db)("rollback", String(number), "--yes");
        expect([done.exitCode, done.stderr]).toEqual([0, ""]);
        expect(done.lines.at(-1)).toBe(
          `Rolled back: batch ${number}. Nothing else was changed, and nothing of it is left.`,
        );
        expect(await psql(twin.url, await fileOf(number))).toMatchObject({ exitCode: 0 });
        expect(await db.snapshot()).toEqual(await twin.snapshot());
      }
      const { rows } = await db.query(
        `select (select count(*) from "Message")::int as messages, (select count(*) from "Customer")::int as customers,
              (select count(*) from pg_class where relname like 'Message_content_fts%')::int as indexes,
              (select string_agg(distinct status, ', ') from migration_runs) as statuses`,
      );
      expect(rows).toEqual([{ messages: 0, customers: 0, indexes: 0, statuses: "rolled_back" }]);
      for (const batch of [fullTextIndexes, customers, conversations])
        expect(await runInProcess(batch, db)).toMatchObject({ exitCode: 0 });
      expect(await db.snapshot({ tables: ["migration_effects"] })).toEqual(stored);
      expect((await deskOn(db)("verify", "1,2,3,4")).exitCode).toBe(0);
    },
    60_000,
  );

  testWithPsql("what came since is kept and listed, as psql keeps it", async () => {
    const conversation = await live();
    const twin = await twinOf(db);
    const done = await deskOn(db)("rollback", "4", "--yes");
    expect([done.exitCode, done.stderr]).toEqual([0, ""]);
    expect(done.lines).toEqual([
      expect.stringMatching(/^Batch 4, backfill-conversations-messages: run \d+\.$/),
      "  table         removed  restored  put back",
      "  Conversation        3         -         -",
      "  Message            12         -         -",
      "  Its records: Audit 1, migration_effects 3, migration_runs 1",
      "Kept, and why:",
      "  Conversation: holds messages that stay: 1",
      `    ${conversation}`,
      "Rolled back: batch 4. Nothing else was changed, and nothing of it is left but",
      "what is kept.",
    ]);
    expect(done.lines.filter((line) => [...line].length > WIDEST)).toEqual([]);
    expect((await rowsOf(db, "Message")).map(({ content }) => content)).toEqual(["very live"]);
    expect(await psql(twin.url, await fileOf(4))).toMatchObject({ exitCode: 0 });
    expect(await db.snapshot()).toEqual(await twin.snapshot());
  });

  test("what was kept can be taken back later, once", async () => {
    await live();
    await deskOn(db)("rollback", "4", "--yes");
    await db.query(`delete from "Message"`);
    const again = await deskOn(db, { json: true })("rollback", "4", "--yes");
    expect([again.exitCode, again.json.kept, tablesOf(again).Conversation]).toEqual([0, [], [1, 0]]);
    const third = await deskOn(db)("rollback", "4", "--yes");
    expect([third.exitCode, third.stderr]).toEqual([2, expect.stringMatching(/was rolled back already/)]);
  });

  test("a rehearsal changes nothing, and foretells the numbers of the real one", async () => {
    await live();
    const before = await db.snapshot();
    const runs = await rowsOf(db, "migration_runs", "id");
    const foretold = await deskOn(db, { json: true })("rollback", "4", "--dry-run");
    expect(await db.snapshot()).toEqual(before);
    expect(await rowsOf(db, "migration_runs", "id")).toEqual(runs);
    const done = await deskOn(db, { json: true })("rollback", "4", "--yes");
    expect(done.json).toEqual({ ...foretold.json, mode: "write" });
    expect(foretold.json).toMatchObject({ command: "rollback", exitCode: 0, mode: "dry-run", batch: 4, dropped: [] });
    expect(foretold.json.kept).toEqual([expect.objectContaining({ reason: "holds messages that stay" })]);
  });

  test("one run of two is taken back alone, named here or in the URL", async () => {
    await deskOn(db)("rollback", "4", "--yes");
    const { document: first } = await runInProcess(conversations, db, ["--limit", "2"]);
    const afterFirst = await db.snapshot();
    const { document: second } = await runInProcess(conversations, db);
    const done = await deskOn(db, { json: true })("rollback", "4", "--run", String(second.runId), "--yes");
    expect([done.exitCode, done.json.runs]).toEqual([0, [second.runId]]);
    expect(done.stderr).toContain(`Rolled back: run ${second.runId} of batch 4.`);
    expect(await db.snapshot({ tables: ["migration_checkpoints"] })).toEqual({
      ...afterFirst,
      migration_checkpoints: undefined,
    });
    const url = `${db.url}?options=-cbackfill.run_id%3D${first.runId}`;
    const other = await deskOn({ url }, { json: true })("rollback", "4", "--yes");
    expect([other.exitCode, other.json.runs]).toEqual([0, [first.runId]]);
    expect((await rowsOf(db, "Message")).length).toBe(0);
  });
});

describe("Of the other batches", () => {
  const db = useDatabase();

  test("an importer's rows go, and those that it changed get their values back", async () => {
    await addCustomer(db, { phone: "1000000001", name: null });
    const existing = await addConversation(db, {
      channel: "whatsapp",
      external_id: "2",
      metadata: { source: RULES.source },
    });
    await addMessage(db, existing, { content: "earlier" });
    const before = await db.snapshot();
    const pages = ["1", "2"].map((id) =>
      page(
        thread({
          id,
          person: { key: `phone:${id}`, phone: `100000000${id}`, nick: `nick${id}`, name: "Ada" },
          messages: [message(`${id}a`, 1), message(`${id}b`, 2)],
        }),
      ),
    );
    await runInProcess(batchOf(pages), db);
    const done = await deskOn(db, { json: true })("rollback", "6", "--yes");
    expect([done.exitCode, done.json.kept]).toEqual([0, []]);
    expect(tablesOf(done)).toMatchObject({ Conversation: [1, 1], Message: [4, 0] });
    expect(await db.snapshot()).toEqual(before);
  });

  test("memory notes go; tags go before them", async () => {
    const customer_id = await addCustomer(db);
    await addLead(db, { customer_id, state_metadata: { color: "blue", city: "Berlin" } });
    await addMessage(db, await addConversation(db), { content: "How much is the blue one?" });
    const before = await db.snapshot();
    await runInProcess(notes, db);
    await runInProcess(tags, db);
    const early = await deskOn(db)("rollback", "5", "--yes");
    expect([early.exitCode, early.stderr]).toEqual([
      2,
      "Out of order: batch 5 goes after what was applied later. Roll back first 9 (classify-chats).\n",
    ]);
    const nine = await deskOn(db, { json: true })("rollback", "9", "--yes");
    expect([nine.exitCode, tablesOf(nine).Conversation]).toEqual([0, [0, 1]]);
    const five = await deskOn(db, { json: true })("rollback", "5", "--yes");
    expect([five.exitCode, tablesOf(five).MemoryNote]).toEqual([0, [2, 0]]);
    expect(await db.snapshot()).toEqual(before);
  });
});

describe("On a database without foreign rows", () => {
  const db = useDatabase({ empty: true });
  const twinOf = useTwin();

  testWithPsql(
    "the schema goes too, and comes again",
    async () => {
      for (const batch of [createSchema, fullTextIndexes]) await runInProcess(batch, db);
      const twin = await twinOf(db);
      for (const number of [2, 1]) {
        const done = await deskOn(db, { json: true })("rollback", String(number), "--yes");
        expect(done.exitCode).toBe(0);
        expect(done.json.dropped.length).toBeGreaterThan(0);
        expect(await psql(twin.url, await fileOf(number))).toMatchObject({ exitCode: 0 });
        expect(await db.snapshot()).toEqual(await twin.snapshot());
      }
      expect(Object.keys(await db.snapshot())).toEqual(["Audit", "Job", "Lead"]);
      for (const batch of [createSchema, fullTextIndexes])
        expect(await runInProcess(batch, db)).toMatchObject({ exitCode: 0 });
      expect((await deskOn(db)("verify")).exitCode).toBe(0);
    },
    60_000,
  );

  test("of a CRM that was there first only what was added goes, with every batch that came after", async () => {
    await db.query(FOREIGN_CRM);
    const before = { catalog: await readCatalog(db), rows: await db.snapshot() };
    expect(await runInProcess(createSchema, db, ["--baseline"])).toMatchObject({ exitCode: 0 });
    for (const batch of [fullTextIndexes, customers, conversations])
      expect(await runInProcess(batch, db)).toMatchObject({ exitCode: 0 });
    for (const number of [4, 3, 2, 1]) {
      const done = await deskOn(db)("rollback", String(number), "--yes");
      expect([done.exitCode, done.stderr, done.lines.filter((line) => [...line].length > WIDEST)]).toEqual([0, "", []]);
    }
    expect({ catalog: await readCatalog(db), rows: await db.snapshot() }).toEqual(before);
  }, 60_000);

  test("a row of somebody's keeps the schema", async () => {
    await runInProcess(createSchema, db);
    await addCustomer(db);
    const before = await db.snapshot();
    for (const way of ["--dry-run", "--yes"]) {
      const done = await deskOn(db)("rollback", "1", way);
      expect([done.exitCode, done.stderr]).toEqual([1, expect.stringContaining('rollback would lose: "Customer": 1')]);
    }
    expect(await db.snapshot()).toEqual(before);
  });
});
