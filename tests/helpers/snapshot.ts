import type pg from "pg";
import { quoteName } from "../../scripts/lib/db/quote.ts";

/** Each table's rows as sorted JSON texts with every column, by the table's name. */
export type Snapshot = Record<string, string[]>;

export interface SnapshotOptions {
  /** Tables to leave out, besides those that differ by design. */
  readonly tables?: readonly string[];
  /** Columns, or paths such as `metadata.migratedAt`, to leave out, besides those that differ by design. */
  readonly keys?: readonly string[];
}

/** What "equal" and "same state" leave out by design: the journals, and in metadata which run made a row and when. */
const JOURNALS = ["migration_runs", "_prisma_migrations"];
const RUN_KEYS = ["metadata.runId", "metadata.createdAt"];

/** The Audit rows that the suite adds for its runs. */
const OWN_AUDITS = "where not (actor = 'system' and lead_id is null)";

/** Reads every table as PostgreSQL itself writes it, so that no digit of a number or a time is lost. */
export async function takeSnapshot(pool: pg.Pool, { tables = [], keys = [] }: SnapshotOptions = {}): Promise<Snapshot> {
  const { rows } = await pool.query<{ name: string }>(
    `select relname as name
       from pg_class
      where relkind in ('r', 'p') and relnamespace = current_schema()::regnamespace and relname <> all ($1)
      order by relname`,
    [[...JOURNALS, ...tables]],
  );
  const paths = [...RUN_KEYS, ...keys].map((key) => `{${key.split(".").join(",")}}`);
  const snapshot: Snapshot = {};
  for (const { name } of rows) snapshot[name] = await readTable(pool, name, paths);
  return snapshot;
}

async function readTable(pool: pg.Pool, name: string, paths: readonly string[]): Promise<string[]> {
  const cuts = paths.map((_, index) => ` #- $${index + 1}::text[]`).join("");
  const { rows } = await pool.query<{ row: string }>(
    `select (to_jsonb(t)${cuts})::text as row
       from ${quoteName(name)} t
       ${name === "Audit" ? OWN_AUDITS : ""}
      order by 1`,
    [...paths],
  );
  return rows.map(({ row }) => row);
}
