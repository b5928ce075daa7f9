/** The verify.sql of batches 6 to 8: silent after a good run; each check that they share has a way to be broken here. */
import { beforeEach, describe, expect, test } from "@jest/globals";
import { batchOf as entryOf } from "../../../scripts/lib/batches.ts";
import { readChecks, runChecks } from "../../../scripts/lib/checks.ts";
import { withDatabase } from "../../../scripts/lib/db/database.ts";
import { addConversation, addRow } from "../../helpers/crm.ts";
import { useDatabase } from "../../helpers/database.ts";
import { runInProcess } from "../../helpers/script.ts";
import { batchOf, message, type OtherRules, page, thread } from "../../lib/sinks/bed.ts";
import { psql, testWithPsql } from "./psql.ts";
import { fileOf } from "./rollback.ts";

const db = useDatabase();

type Importer = 6 | 7 | 8;

const RULES: Readonly<Record<Importer, OtherRules>> = {
  6: { source: "umnico_backfill", refs: "umnico" },
  7: { source: "freshchat_backfill", adopt: true },
  8: { source: "wildberries_sync", adopt: true },
};

/** How the database comes to be wrong, and which checks of all that see it: the first is the one that is meant. */
interface Breach {
  readonly checks: readonly string[];
  readonly by: string | ((source: string, script: string) => string);
}

const INDEX = "the unique index on sourceId is there and valid";
const SAME = "no two messages of a conversation are the same one at the source";
const IDS = "the ids of messages follow from what they are at their source";
const TOLD = "every message says what it is at its source, and what its text was";
const WHOLE = "conversations that are not known to be whole";
const EMPTY = "conversations without messages";

const FAILURES: readonly Breach[] = [
  { checks: [TOLD], by: `update "Message" set metadata = metadata - 'contentMd5'` },
  { checks: [TOLD], by: `update "Message" set metadata = metadata - 'sourceId' where content = 'text a'` },
  {
    checks: [SAME, INDEX],
    by: `drop index "Message_source_id_key";
         insert into "Message" (conversation_id, role, content, created_at, metadata)
         select conversation_id, role, content, created_at, metadata - 'createdBy' from "Message" limit 1`,
  },
  { checks: [IDS], by: `update "Message" set id = gen_random_uuid() where content = 'text a'` },
  {
    checks: ["every conversation says what it is at its source", EMPTY],
    by: (source) => `insert into "Conversation" (channel, metadata) values ('other', '{"source": "${source}"}')`,
  },
  {
    checks: ["last_message_at is not before the newest message"],
    by: `update "Conversation" set last_message_at = null`,
  },
  {
    checks: ["no message is older than its conversation"],
    by: `update "Conversation" set started_at = '2025-01-01T12:00:00.000001Z'`,
  },
  { checks: [INDEX], by: 'drop index "Message_source_id_key"' },
  {
    checks: [INDEX],
    by: `update pg_index set indisvalid = false where indexrelid = '"Message_source_id_key"'::regclass`,
  },
  {
    checks: ["items in quarantine"],
    by: (_, script) => `insert into migration_errors (run_id, script, item_key, code, message)
                        values (1, '${script}', 'k', 'TIME', 'no time')`,
  },
];

const WARNINGS: readonly Breach[] = [
  { checks: [WHOLE], by: `update "Conversation" set metadata = metadata || '{"partial": "cut"}'` },
  { checks: [EMPTY], by: 'delete from "Message"' },
];

const SHARED = [...new Set([...FAILURES, ...WARNINGS].map(({ checks }) => checks[0]))];

describe.each([6, 7, 8] as const)("Batch %i", (number) => {
  const { name: script } = entryOf(number);
  const { source = "" } = RULES[number];
  const file = fileOf(number, "verify");

  beforeEach(async () => {
    await db.query(`insert into stores (id, name) values ('s', 'Shop')`);
    const shop = number === 8 ? { storeId: "s", key: "s/1" } : {};
    const sender = { metadata: { sender: "client" } };
    const given = thread({
      id: "1",
      ...shop,
      person: { key: "nick:ada", nick: "ada" },
      messages: [message("a", 1, sender), message("b", 2, sender)],
    });
    await runInProcess(batchOf([page(given)], { refs: undefined, ...RULES[number], script }), db);
  });

  /** What the checks found, each with whether that is a failure. */
  const broken = () =>
    withDatabase(db.address, { max: 1 }, async (database) =>
      (await runChecks(database, file))
        .filter(({ count, error }) => count > 0 || error !== undefined)
        .map(({ name, failed }) => ({ name, failed })),
    );

  const breakBy = (by: Breach["by"]) => db.query(typeof by === "string" ? by : by(source, script));

  testWithPsql("holds after a run, from Node and from psql", async () => {
    expect(await broken()).toEqual([]);
    expect(await psql(db.url, file)).toMatchObject({ exitCode: 0, stderr: "" });
  });

  testWithPsql.each(FAILURES)("fails: $checks.0", async ({ checks, by }) => {
    await breakBy(by);
    const found = await broken();
    expect(found.map(({ name }) => name).sort()).toEqual([...checks].sort());
    expect(found).toContainEqual({ name: checks[0], failed: true });
    const { exitCode, stderr } = await psql(db.url, file);
    expect([exitCode, stderr]).toEqual([3, expect.stringContaining(`ERROR:  batch ${number} does not hold`)]);
  });

  test.each(WARNINGS)("only warns: $checks.0", async ({ checks, by }) => {
    await breakBy(by);
    expect(await broken()).toEqual(checks.map((name) => ({ name, failed: false })));
  });

  test("begins with the checks that the three share, and each of them is broken by one of these", async () => {
    const names = (await readChecks(file)).map(({ name }) => name);
    expect(names.slice(0, SHARED.length).sort()).toEqual([...SHARED].sort());
  });
});

describe("What only one of them looks for", () => {
  const failed = (batch: Importer) =>
    withDatabase(db.address, { max: 1 }, async (database) =>
      (await runChecks(database, fileOf(batch, "verify"))).filter((check) => check.failed).map(({ name }) => name),
    );

  test.each(["conversation", "nick"])("batch 6: a %s that leads nowhere", async (entity_type) => {
    const ref = { entity_type, system: "umnico", external_id: "1" };
    await addRow(db, "external_refs", { ...ref, entity_id: "00000000-0000-4000-8000-000000000000" });
    expect(await failed(6)).toEqual([
      "what a conversation or a person is called at Umnico leads to a row that is there",
    ]);
  });

  test.each(["+995", null])(
    "batch 6: nothing in a conversation called %s that its external_ref leads to",
    async (external_id) => {
      const conversation = await addConversation(db, { external_id });
      const ref = { entity_type: "conversation", system: "umnico", external_id: "1" };
      await addRow(db, "external_refs", { ...ref, entity_id: conversation });
      const metadata = { direction: "incoming" };
      await runInProcess(batchOf([page(thread({ id: "1", messages: [message("a", 1, { metadata })] }))], RULES[6]), db);
      expect(await failed(6)).toEqual([]);
      await db.query('update "Message" set id = gen_random_uuid()');
      expect(await failed(6)).toEqual([IDS]);
    },
  );

  test("batch 8: a sync of a process that is gone, not one of a process that lives", async () => {
    await db.query(`insert into sync_logs (sync_type) values ('full')`);
    expect(await failed(8)).toEqual(["no sync is said to run whose process is gone"]);
    await db.query(`insert into migration_runs (batch, script, mode, status, host, pid)
                    values (8, 'sync-wildberries-chats', 'write', 'running', 'h', 1)`);
    expect(await failed(8)).toEqual([]);
  });

  test("batch 8: a sender that Wildberries does not know", async () => {
    await addRow(db, "stores", { id: "s", name: "Shop" });
    const conversation = await addConversation(db, { external_id: "c", store_id: "s", last_message_at: "2025-01-02Z" });
    await db.query(
      `insert into "Message" (conversation_id, role, content, created_at, metadata)
       values ($1, 'user', 'x', '2025-01-01Z',
               '{"source": "wildberries_sync", "sourceId": "1", "contentMd5": "x", "sender": "robot"}')`,
      [conversation],
    );
    expect(await failed(8)).toEqual(["senders are those that Wildberries knows"]);
  });
});
