import { cpus, release, totalmem, type } from "node:os";
import type { Queryable } from "../db/database.ts";
import type { Table } from "./table.ts";

const GIGABYTE = 1_000_000_000;

/** What decides how fast PostgreSQL writes. */
const SETTINGS = [
  "shared_buffers",
  "effective_cache_size",
  "work_mem",
  "maintenance_work_mem",
  "max_wal_size",
  "checkpoint_timeout",
  "wal_level",
  "fsync",
  "synchronous_commit",
  "full_page_writes",
  "data_checksums",
  "autovacuum",
  "gin_pending_list_limit",
];

/** Where and when it was measured. */
export async function describeMachine(db: Queryable, now = new Date()): Promise<Table> {
  const { rows: versions } = await db.query<{ version: string }>("select current_setting('server_version') as version");
  const { rows: settings } = await db.query<{ name: string; value: string }>(
    `select name, current_setting(name) as value
       from pg_settings
      where name = any ($1)
   order by array_position($1::text[], name::text)`,
    [SETTINGS],
  );
  const processors = cpus();
  return {
    title: "Where",
    head: ["what", "value"],
    rows: [
      ["date", now.toISOString().slice(0, 10)],
      ["processor", processors[0]?.model.trim() || "unknown"],
      ["cores", String(processors.length)],
      ["memory", `${(totalmem() / GIGABYTE).toFixed(1)} GB`],
      ["kernel", `${type()} ${release()}`],
      ["Node.js", process.versions.node],
      ["PostgreSQL", versions[0]?.version ?? "unknown"],
      ...settings.map(({ name, value }) => [name, value]),
    ],
  };
}
