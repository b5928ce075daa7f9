import { beforeEach, expect, test } from "@jest/globals";
import { withDatabase } from "../../../scripts/lib/db/database.ts";
import { applyFolders } from "../../../scripts/lib/schema/engine.ts";
import { folderSchema } from "../../../scripts/lib/schema/folder-schema.ts";
import { foldersOf, listFolders } from "../../../scripts/lib/schema/folders.ts";
import type { Context } from "../../../scripts/lib/task.ts";
import { useDatabase } from "../../helpers/database.ts";

const db = useDatabase({ empty: true });
const schema = folderSchema("add-fts-indexes");
const FOLDER = "20251108_add_fts_indexes";

beforeEach(async () => {
  const folders = await listFolders();
  await applyFolders(
    db.address,
    folders.filter(({ name }) => name < FOLDER),
  );
});

/** Plans in READ ONLY transactions, as the runner does, or applies; returns the counts and what was said. */
const perform = (verb: "plan" | "apply") =>
  withDatabase(db.address, { readOnly: verb === "plan" }, async (database) => {
    const lines: string[] = [];
    const options = { dryRun: verb === "plan", verbose: false, json: false, restart: false, retryErrors: false };
    const context: Context = {
      db: database,
      options,
      ahead: [],
      runId: null,
      firstRunId: null,
      signal: new AbortController().signal,
      say: (line) => lines.push(line),
      waits: () => undefined,
    };
    return { counts: await schema[verb](context), lines };
  });

const addMessages = () =>
  db.query(
    `with conversation as (insert into "Conversation" (channel) values ('other') returning id)
     insert into "Message" (conversation_id, role, content)
     select id, 'user', 'Hello' from conversation`,
  );

const indexNames = async () =>
  (await db.query(`select indexname from pg_indexes where tablename = 'Message' order by 1`)).rows.map(
    ({ indexname }) => indexname,
  );

test("A plan lists the folder with its indexes, counts it as the real run does, and changes nothing", async () => {
  await addMessages();
  const before = await indexNames();
  const planned = await perform("plan");
  expect(planned.lines).toEqual([
    expect.stringMatching(`^Would apply ${FOLDER}, which makes the indexes .*Message_content_fts_idx`),
  ]);
  expect(await indexNames()).toEqual(before);
  expect((await perform("apply")).counts).toEqual(planned.counts);
});

test("On a table with rows the indexes are built first, and the folder is recorded", async () => {
  await addMessages();
  const { counts, lines } = await perform("apply");
  expect(counts).toEqual({ fetched: 1, created: 1, unchanged: 0 });
  expect(lines).toContain('Building index Message_content_fts_idx on "Message"; writers are not blocked.');
  expect(await indexNames()).toEqual(
    expect.arrayContaining(["Message_content_fts_idx", "Message_content_fts_ru_idx", "Message_role_idx"]),
  );
});

test("On an empty table the file makes its indexes itself", async () => {
  const { lines } = await perform("apply");
  expect(lines).toEqual([]);
  expect(await indexNames()).toContain("Message_content_fts_idx");
});

test("Where nothing is pending it is silent", async () => {
  await perform("apply");
  const silent = { counts: { fetched: 1, created: 0, unchanged: 1 }, lines: [] };
  expect([await perform("plan"), await perform("apply")]).toEqual([silent, silent]);
});

test("A file that was changed after it was applied is warned of in one line", async () => {
  await perform("apply");
  await db.query("update _prisma_migrations set checksum = 'another' where migration_name = $1", [FOLDER]);
  const warning = `Warning: prisma/migrations/${FOLDER}/migration.sql was changed after it was applied.`;
  expect((await perform("plan")).lines).toEqual([warning]);
});

test("A plan works on an empty database", async () => {
  await db.query("drop schema public cascade; create schema public");
  expect((await perform("plan")).counts).toEqual({ fetched: 1, created: 1, unchanged: 0 });
});

test("The batch's folder is found", async () => {
  expect((await foldersOf("add-fts-indexes")).map(({ name }) => name)).toEqual([FOLDER]);
});
