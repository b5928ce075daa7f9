import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { BATCHES } from "../../../scripts/lib/batches.ts";
import { checksumOf, foldersOf, listFolders } from "../../../scripts/lib/schema/folders.ts";

let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "crm-folders-"));
});

afterEach(() => rm(root, { recursive: true }));

const write = async (name: string, files: Record<string, string>) => {
  await mkdir(join(root, name));
  for (const [file, text] of Object.entries(files)) await writeFile(join(root, name, file), text);
};

test("Folders are listed in Prisma's order, with the text, the checksum and what stands beside it", async () => {
  await write("20250102_b", { "migration.sql": "select 2;", "verify.sql": "" });
  await write("20250101_a", { "migration.sql": "select 1;", "rollback.sql": "" });
  await writeFile(join(root, "migration_lock.toml"), 'provider = "postgresql"');
  const rollback = join(root, "20250101_a", "rollback.sql");
  const verify = join(root, "20250102_b", "verify.sql");
  expect(await listFolders(root)).toEqual([
    { name: "20250101_a", sql: "select 1;", checksum: checksumOf("select 1;"), rollback, verify: undefined },
    { name: "20250102_b", sql: "select 2;", checksum: checksumOf("select 2;"), rollback: undefined, verify },
  ]);
});

test("The folder of a batch carries its whole name", async () => {
  await write("20250101_backfill_customers", { "migration.sql": "" });
  await write("20250102_undo_backfill_customers", { "migration.sql": "" });
  expect((await foldersOf("backfill-customers", root)).map(({ name }) => name)).toEqual([
    "20250101_backfill_customers",
  ]);
});

test("A folder without migration.sql is reported: Prisma would stop at it", async () => {
  await write("20250101_a", { "rollback.sql": "" });
  await expect(listFolders(root)).rejects.toThrow("prisma/migrations/20250101_a has no migration.sql");
});

test("The folders of this project are those that the batches name, in the batches' order", async () => {
  const there = (await listFolders()).map(({ name }) => name);
  const named = BATCHES.flatMap(({ folders }) => folders);
  expect(there).toEqual(named);
});
