import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { actionOf } from "../batches.ts";
import { RunFailed } from "../errors.ts";

export const MIGRATIONS = fileURLToPath(new URL("../../../prisma/migrations", import.meta.url));

/** A folder of `prisma/migrations/`. */
export interface Folder {
  readonly name: string;
  /** The text of its migration.sql. */
  readonly sql: string;
  /** The sha256 of that file, as `_prisma_migrations` keeps it. */
  readonly checksum: string;
  /** The paths of the files beside it, where they are. */
  readonly rollback: string | undefined;
  readonly verify: string | undefined;
}

/** Every folder, in Prisma's order: by name. */
export async function listFolders(root = MIGRATIONS): Promise<Folder[]> {
  const entries = await readdir(root, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  return Promise.all(names.sort().map((name) => readFolder(root, name)));
}

/** The folders that carry a batch's name: `…_backfill_customers` for `backfill-customers`. */
export async function foldersOf(batchName: string, root = MIGRATIONS): Promise<Folder[]> {
  const folders = await listFolders(root);
  return folders.filter(({ name }) => name.replace(/^\d+_/, "") === actionOf(batchName));
}

async function readFolder(root: string, name: string): Promise<Folder> {
  const file = join(root, name, "migration.sql");
  if (!existsSync(file)) throw new RunFailed(`prisma/migrations/${name} has no migration.sql; Prisma stops at it.`);
  const sql = await readFile(file, "utf8");
  return { name, sql, checksum: checksumOf(sql), rollback: beside(file, "rollback"), verify: beside(file, "verify") };
}

export const checksumOf = (sql: string): string => createHash("sha256").update(sql).digest("hex");

function beside(file: string, name: string): string | undefined {
  const path = join(file, "..", `${name}.sql`);
  return existsSync(path) ? path : undefined;
}
