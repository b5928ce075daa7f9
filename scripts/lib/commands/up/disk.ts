/** How much room a database has to grow. */
import { readFile, statfs } from "node:fs/promises";
import { join } from "node:path";
import type { Database } from "../../db/database.ts";

export interface Disk {
  readonly databaseBytes: number;
  /** Undefined where the server's disk can't be seen from here. */
  readonly freeBytes: number | undefined;
}

/** Asks the server how large the database is, and the disk, where it is this machine's, how much is free. */
export async function readDisk(db: Database): Promise<Disk> {
  const { rows } = await db.query<{ size: string; folder: string | null; started: string }>(
    `select pg_database_size(current_database())                                     as size,
            (select setting from pg_settings where name = 'data_directory')          as folder,
            floor(extract(epoch from pg_postmaster_start_time()))::bigint            as started`,
  );
  const { size = "0", folder = null, started = "" } = rows[0] ?? {};
  const seen = folder !== null && (await isServersFolder(folder, Number(started)));
  return { databaseBytes: Number(size), freeBytes: seen ? await freeOn(folder) : undefined };
}

/** A folder of the same name may be another server's: the third line of postmaster.pid says when that was started. */
async function isServersFolder(folder: string, started: number): Promise<boolean> {
  try {
    const [, , line = ""] = (await readFile(join(folder, "postmaster.pid"), "utf8")).split("\n");
    return Math.abs(Number(line) - started) <= 2;
  } catch {
    return false; // on another machine, or not ours to read: not known
  }
}

async function freeOn(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}
