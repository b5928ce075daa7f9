import { writeFile } from "node:fs/promises";
import { expect, test } from "@jest/globals";
import { parseAddress } from "../../scripts/lib/db/address.ts";
import { baselineSchema } from "../../scripts/lib/schema/baseline.ts";
import { expectedShape, readShape } from "../../scripts/lib/schema/baseline-shape.ts";
import { applyFolders } from "../../scripts/lib/schema/engine.ts";
import { listFolders } from "../../scripts/lib/schema/folders.ts";
import { useDatabase } from "../helpers/database.ts";
import { perform, readCatalog } from "./create-schema-database.ts";

const db = useDatabase({ empty: true });
const EXPECTED = new URL("../../scripts/lib/schema/baseline-expected.json", import.meta.url);
const own = { baseline: false };

const batchOne = async () => (await listFolders()).filter(({ name }) => name <= "20251107_create_schema");

test("A dry run on an empty database lists what would be made, and makes nothing", async () => {
  const { lines, counts } = await perform(db, baselineSchema, "plan", own);
  expect(lines).toEqual([
    "Would apply 20251101_create_crm.",
    "Would apply 20251107_create_schema.",
    expect.stringMatching(/^Would make 15 tables: Audit, Conversation, Customer, /),
    "Would make 3 enum types: BookingStatus, Channel, MessageRole.",
    expect.stringMatching(/^Would make 22 indexes: .*Audit_lead_id_created_at_id_idx/),
    expect.stringMatching(/^Would make 12 foreign keys: /),
    "Would make 1 view: chat_messages.",
    expect.stringMatching(/^Would make 7 functions: crm_audit_text, /),
  ]);
  expect(counts).toMatchObject({ fetched: 60, created: 60, unchanged: 0 });
  expect(await readCatalog(db)).toEqual([]);
});

test("A dry run needs no more than the right to connect", async () => {
  const role = `reader_${Date.now()}`;
  await db.query(`create role ${role} login`);
  try {
    const url = new URL(db.url);
    url.username = role;
    const { counts } = await perform({ address: parseAddress(url.href) }, baselineSchema, "plan", own);
    expect(counts.created).toBe(60);
  } finally {
    await db.query(`drop role ${role}`);
  }
});

test("The real run counts what the dry run counted, and a second one makes nothing", async () => {
  const planned = await perform(db, baselineSchema, "plan", own);
  const applied = await perform(db, baselineSchema, "apply", own);
  expect(applied.counts).toEqual(planned.counts);
  const before = await readCatalog(db);
  const again = await perform(db, baselineSchema, "apply", own);
  expect(again.counts).toMatchObject({ fetched: 60, created: 0, unchanged: 60 });
  expect(again.lines).toEqual([]);
  expect(await readCatalog(db)).toEqual(before);
});

test("Prisma's own way of applying the folders gives the same database", async () => {
  await applyFolders(db.address, await batchOne());
  expect((await perform(db, baselineSchema, "plan", own)).counts).toMatchObject({ created: 0, unchanged: 60 });
});

/** UPDATE_BASELINE=1 writes the file anew, after a change to the migrations. */
test("What a baseline is compared with is what the migrations make", async () => {
  await applyFolders(db.address, await batchOne());
  const shape = await readShape({ query: db.query });
  if (process.env.UPDATE_BASELINE) await writeFile(EXPECTED, `${JSON.stringify(shape, null, 2)}\n`);
  expect(shape).toEqual(expectedShape());
});

test("A table that was lost after the batch was applied is a failure, and not quietly passed over", async () => {
  await applyFolders(db.address, await batchOne());
  await db.query(`drop index "Lead_customer_id_idx"`);
  await expect(perform(db, baselineSchema, "apply", own)).rejects.toThrow(
    "Batch 1 is recorded as applied, and yet these are missing or invalid: 1 index: Lead_customer_id_idx.",
  );
});

test("A file that was changed after it was applied is named", async () => {
  await applyFolders(db.address, await batchOne());
  await db.query("update _prisma_migrations set checksum = 'other' where migration_name = '20251107_create_schema'");
  expect((await perform(db, baselineSchema, "plan", own)).lines).toEqual([
    "Warning: prisma/migrations/20251107_create_schema/migration.sql was changed after it was applied.",
  ]);
});

test("A schema other than public, named with ?schema=, gets all of it", async () => {
  await db.query(`create schema "Sales CRM"`);
  const address = parseAddress(`${db.url}?schema=Sales%20CRM`);
  await perform({ address }, baselineSchema, "apply", own);
  expect((await perform({ address }, baselineSchema, "plan", own)).counts).toMatchObject({ created: 0 });
  expect(await readCatalog(db)).toEqual([]);
});
