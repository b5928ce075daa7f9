import { beforeEach, expect, test } from "@jest/globals";
import { addBusyLeads, refuseMessages } from "../helpers/audits.ts";
import { addConversation, rowsOf } from "../helpers/crm.ts";
import { useDatabase } from "../helpers/database.ts";
import { runInProcess } from "../helpers/script.ts";
import { differenceOf, leftoversOf, NONE, type State, stateOf } from "./final-state.ts";
import { CONVERSATIONS } from "./subjects.ts";

const { batch, argv, fill } = CONVERSATIONS;
const db = useDatabase();
let before: State;

beforeEach(async () => {
  await addBusyLeads(db, 5, 10);
  await addConversation(db, { lead_id: (await rowsOf(db, "Lead"))[0]?.id, metadata: { source: "audit_backfill" } });
  await refuseMessages(db, "10");
  await runInProcess(batch, db, argv);
  before = await stateOf(db);
});

const difference = async () => differenceOf(before, await stateOf(db));
const some = (table: string) => `(select id from "${table}" order by id offset 7 limit 1)`;

test("the data of the crash matrix holds what is to be quarantined, and what arrives late", async () => {
  await db.query(
    'truncate "Lead", "Audit", "Conversation", migration_runs, migration_effects, migration_errors cascade',
  );
  await db.query('alter table "Message" drop constraint no_bad_words');
  await fill(db, 1);
  const { document } = await runInProcess(batch, db, argv);
  expect(document).toMatchObject({ status: "completed_with_errors", arrived: { items: 60, proven: true } });
  expect(document.errors.map(({ code }) => code).sort()).toEqual(["23514", "23514", "54000"]);
  expect(document.stats.messagesCreated).toBeGreaterThan(400);
});

test("a state differs from itself in nothing, and a completed run leaves nothing over", async () => {
  expect(await difference()).toEqual(NONE);
  expect(await leftoversOf(db)).toEqual([]);
});

test("a message that is lost is found", async () => {
  const { rows } = await db.query<{ id: string }>(`delete from "Message" where id = ${some("Message")} returning id`);
  expect(await difference()).toEqual({ ...NONE, lost: [`Message ${rows[0]?.id}`] });
});

test("a message that is there twice is found", async () => {
  const { rows } = await db.query<{ id: string }>(
    `insert into "Message" (conversation_id, role, content, metadata, created_at)
     select conversation_id, role, content, metadata - 'auditId', created_at
       from "Message" where id = ${some("Message")}
  returning id`,
  );
  expect(await difference()).toEqual({ ...NONE, duplicated: [`Message ${rows[0]?.id}`] });
});

test.each([
  { what: "a row", table: "Conversation", sql: "set last_message_at = last_message_at + interval '1 microsecond'" },
  { what: "a reason in the quarantine", table: "migration_errors", sql: "set code = '00000'" },
])("$what that is not the same is found", async ({ table, sql }) => {
  await db.query(`update "${table}" ${sql} where id = (select max(id::text) from "${table}")::${typeOf(table)}`);
  expect((await difference()).different).toEqual([expect.stringContaining(table)]);
});

const typeOf = (table: string) => (table.startsWith("migration_") ? "bigint" : "uuid");

test("an effect that was not recorded, or says something else, is found", async () => {
  await db.query(
    `delete from migration_effects where id = (select min(id) from migration_effects where action = 'insert')`,
  );
  await db.query(
    `update migration_effects set before = '{}'
      where id = (select min(id) from migration_effects where action = 'update')`,
  );
  const { lost, different } = await difference();
  expect([lost, different]).toEqual([
    [expect.stringContaining("migration_effects Conversation")],
    [expect.stringContaining("migration_effects Conversation")],
  ]);
});

test("an open run, a checkpoint that stays, and a second Audit row are found", async () => {
  const { rows } = await db.query<{ id: string }>("update migration_runs set status = 'running' returning id");
  await db.query(
    `insert into migration_checkpoints (script, partition, cursor, run_id) values ('a', '1', '{}', ${rows[0]?.id})`,
  );
  await db.query(
    `insert into "Audit" (actor, action, payload) select actor, action, payload from "Audit" where lead_id is null and actor = 'system'`,
  );
  expect(await leftoversOf(db)).toHaveLength(3);
});
