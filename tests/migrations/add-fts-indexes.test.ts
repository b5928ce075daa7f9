import { beforeEach, expect, test } from "@jest/globals";
import pg from "pg";
import { applyFolders } from "../../scripts/lib/schema/engine.ts";
import { type Folder, listFolders } from "../../scripts/lib/schema/folders.ts";
import { searchSchema } from "../../scripts/lib/schema/search-schema.ts";
import { runSqlScript } from "../../scripts/lib/sql-script.ts";
import { useDatabase } from "../helpers/database.ts";
import { perform, readCatalog } from "./create-schema-database.ts";

const db = useDatabase({ empty: true });
const FOLDER = "20251108_add_fts_indexes";
const MADE = `crm-migrations: made by ${FOLDER}`;
const INDEXES = ["Message_content_fts_idx", "Message_content_fts_ru_idx", "Message_role_idx"];

const apply = () => perform(db, searchSchema, "apply", {});
const plan = () => perform(db, searchSchema, "plan", {});
const rollback = (settings: Record<string, string> = {}) =>
  runSqlScript(db.address, new URL(`../../prisma/migrations/${FOLDER}/rollback.sql`, import.meta.url).pathname, {
    settings,
  });

const addMessages = (count: number, content = "'message ' || n") =>
  db.query(`with conversation as (insert into "Conversation" (channel) values ('sms') returning id)
            insert into "Message" (conversation_id, role, content)
            select id, 'user', ${content} from conversation, generate_series(1, ${count}) n`);

/** The marks on the batch's indexes, by name. */
const marks = async () => {
  const { rows } = await db.query<{ name: string; mark: string | null }>(
    `select relname as name, obj_description(oid, 'pg_class') as mark from pg_class where relname like 'Message\\_%idx%' and relname = any ($1) order by 1`,
    [INDEXES],
  );
  return Object.fromEntries(rows.map(({ name, mark }) => [name, mark]));
};

let folders: Folder[];
let before: string[];
beforeEach(async () => {
  folders = await listFolders();
  await applyFolders(
    db.address,
    folders.filter(({ name }) => name < FOLDER),
  );
  before = await readCatalog(db);
});

test.each([0, 10])("With %d messages the indexes are made, marked as ours, and made once", async (count) => {
  await addMessages(count);
  const planned = await plan();
  expect(await readCatalog(db)).toEqual(before);
  expect((await apply()).counts).toEqual(planned.counts);
  expect(await marks()).toEqual(Object.fromEntries(INDEXES.map((name) => [name, MADE])));
  expect((await apply()).counts).toMatchObject({ created: 0, unchanged: 1 });
});

test("On an empty database a dry run lists what would be made", async () => {
  await db.query("drop schema public cascade; create schema public");
  const { counts } = await plan();
  expect(counts).toMatchObject({ fetched: 1, created: 1, counters: { indexesBuilt: 3 } });
});

test("Prisma's own way gives the same database", async () => {
  await addMessages(1);
  await apply();
  const made = await readCatalog(db);
  await rollback();
  await applyFolders(
    db.address,
    folders.filter(({ name }) => name === FOLDER),
  );
  expect(await readCatalog(db)).toEqual(made);
});

test("The documented queries use the indexes, over 10,000 messages", async () => {
  await addMessages(10_000, "case when n % 1000 = 0 then 'a needle and иголка' else 'some hay' end");
  await apply();
  await db.query(`analyze "Message"`);
  for (const [language, word] of [
    ["english", "needles"],
    ["russian", "иголки"],
  ]) {
    const query = `select id from "Message" where to_tsvector('${language}', coalesce(content, '')) @@ websearch_to_tsquery('${language}', '${word}')`;
    expect((await db.query(query)).rows).toHaveLength(10);
    const { rows } = await db.query<{ "QUERY PLAN": string }>(`explain ${query}`);
    expect(rows.map((row) => row["QUERY PLAN"]).join("\n")).toContain("Message_content_fts");
  }
});

test("A message of too many words is named with its mend, by a dry run too, and nothing is built", async () => {
  await addMessages(
    2,
    "(select string_agg(md5(n || '.' || word), ' ') from generate_series(1, 40000) word where n = 1 or word = 1)",
  );
  const { rows } = await db.query<{ id: string }>(`select id from "Message" order by length(content) desc limit 1`);
  const complaint = `Too many words for a search index in the message: '${rows[0]?.id}'. Shorten the content, for instance: update`;
  await expect(plan()).rejects.toThrow(complaint);
  await expect(apply()).rejects.toThrow(complaint);
  expect(await readCatalog(db)).toEqual(before);
  await db.query(`update "Message" set content = left(content, 200000) where id = $1`, [rows[0]?.id]);
  expect((await apply()).counts).toMatchObject({ created: 1 });
});

test.each([0, 5])(
  "With %d messages an index that was lost or is invalid is built anew, after the folder was applied too",
  async (count) => {
    await addMessages(count);
    await apply();
    const made = await readCatalog(db);
    await db.query(`drop index "Message_content_fts_idx";
                  update pg_index set indisvalid = false where indexrelid = '"Message_role_idx"'::regclass`);
    const planned = await plan();
    expect(planned.lines).toEqual([
      "Would build index Message_content_fts_idx anew: it is missing or invalid.",
      "Would build index Message_role_idx anew: it is missing or invalid.",
    ]);
    const { counts } = await apply();
    expect(counts).toEqual(planned.counts);
    expect(counts).toMatchObject({ created: 0, updated: 1, counters: { indexesBuilt: 2 } });
    expect(await readCatalog(db)).toEqual(made);
  },
);

test("The rollback takes the indexes back and no more, and can be repeated", async () => {
  await addMessages(3);
  const rows = await db.snapshot();
  await apply();
  expect((await rollback()).notices).toEqual(["rolling back ALL runs of batch 2"]);
  expect(await readCatalog(db)).toEqual(before);
  expect(await db.snapshot()).toEqual(rows);
  expect((await rollback()).notices).toContain("nothing to roll back: no index here was made by batch 2");
  expect((await apply()).counts).toMatchObject({ created: 1 });
});

test("An index that was here before is kept, and listed", async () => {
  await db.query(`create index "Message_role_idx" on "Message" (role)`);
  before = await readCatalog(db);
  await addMessages(1);
  await apply();
  const { resultSets } = await rollback();
  expect(resultSets.at(-1)).toEqual([
    { table_name: "Message", row_id: "Message_role_idx", reason: "was here before batch 2" },
  ]);
  expect(await readCatalog(db)).toEqual(before);
});

test("While batch 4 is applied, or a run is at work, the rollback is refused; so is a run of another batch", async () => {
  await apply();
  await db.query(`insert into migration_runs (batch, script, mode, status, host, pid)
                  values (4, 'backfill-conversations-messages', 'write', 'completed', 'h', 1)`);
  await expect(rollback()).rejects.toThrow("nothing was changed: batch 4 is applied");
  await expect(rollback({ "backfill.run_id": "1" })).rejects.toThrow("1 is not a run of add-fts-indexes");
  await db.query("update migration_runs set status = 'rolled_back'");
  const other = new pg.Client(db.url);
  await other.connect();
  try {
    await other.query("select pg_try_advisory_lock(hashtextextended('crm-migrations:add-fts-indexes', 0))");
    await expect(rollback()).rejects.toThrow("a run of add-fts-indexes is at work");
  } finally {
    await other.end();
  }
  await rollback();
});
