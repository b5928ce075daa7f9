import type { DiagnoseMigrationHistoryOutput, MigrationList, SchemaEngine } from "@prisma/schema-engine-wasm";
import type { Address } from "../db/address.ts";
import { type Database, openDatabase } from "../db/database.ts";
import { explainFailure } from "./engine-errors.ts";
import { type Folder, listFolders, MIGRATIONS } from "./folders.ts";
import { interruptedOf, readHistory } from "./history.ts";

/** Long enough for an ordinary transaction to end, short enough not to hold up the writers that queue behind us. */
const LOCK_TIMEOUT_S = 3;

/** The advisory lock under which Prisma migrates. A session may take it twice. */
const PRISMA_LOCK = 72_707_369;

/** What `migration_lock.toml` says: Prisma refuses folders that were written for another kind of database. */
const LOCK_FILE = { path: "migration_lock.toml", content: 'provider = "postgresql"\n' };

/** Nothing is left out of what the engine looks at. */
export const NO_FILTERS = { externalTables: [], externalEnums: [] };

/**
 * Applies those of the folders that are not applied yet, in order, and returns their names. `_prisma_migrations` then holds
 * what `prisma migrate deploy` would have written. An entry that an earlier attempt left unfinished is marked rolled back,
 * and its file runs again: a file is one transaction, so nothing of it was left.
 */
export async function applyFolders(address: Address, folders: readonly Folder[]): Promise<string[]> {
  if (folders.length === 0) return [];
  return withEngine(address, folders, async (engine, db) => {
    // Under Prisma's own lock, so that an entry which another process is just busy with is not taken for a dead one.
    await db.query(`select pg_advisory_lock(${PRISMA_LOCK})`);
    const ours = new Set([...(await listFolders()), ...folders].map((folder) => folder.name));
    for (const name of interruptedOf(await readHistory(db)))
      if (ours.has(name)) await engine.markMigrationRolledBack({ migrationName: name });
    const input = { migrationsList: migrationList(folders), filters: NO_FILTERS };
    return (await engine.applyMigrations(input)).appliedMigrationNames;
  });
}

/** Records a folder as applied without running it, as `prisma migrate resolve --applied` does. */
export const markApplied = (address: Address, folder: Folder): Promise<void> =>
  withEngine(address, [folder], async (engine) => {
    await engine.markMigrationApplied({ migrationName: folder.name, migrationsList: migrationList([folder]) });
  });

/** Records that an unfinished folder left nothing behind, as `prisma migrate resolve --rolled-back` does. */
export const markRolledBack = (address: Address, name: string): Promise<void> =>
  withEngine(address, [], async (engine) => {
    await engine.markMigrationRolledBack({ migrationName: name });
  });

/** How the database's history differs from the folders, as `prisma migrate status` tells it. */
export const diagnose = (address: Address, folders: readonly Folder[]): Promise<DiagnoseMigrationHistoryOutput> =>
  withEngine(address, folders, (engine) =>
    engine.diagnoseMigrationHistory({
      migrationsList: migrationList(folders),
      optInToShadowDatabase: false,
      filters: NO_FILTERS,
    }),
  );

/** Starts an engine for the time of `work`; `db` is the engine's own, single connection, which ends with it. */
export async function withEngine<T>(
  address: Address,
  folders: readonly Folder[],
  work: (engine: SchemaEngine, db: Database) => Promise<T>,
): Promise<T> {
  const [Engine, { MigrationAdapter }, { bindMigrationAwareSqlAdapterFactory }] = await Promise.all([
    import("./wasm.ts").then(({ loadEngine }) => loadEngine()),
    import("./adapter.ts"),
    import("@prisma/driver-adapter-utils"),
  ]);
  const db = openDatabase(address, { max: 1 });
  const adapter = new MigrationAdapter(db);
  try {
    await db.query(`set lock_timeout = '${LOCK_TIMEOUT_S}s'; set statement_timeout = 0`);
    const bound = bindMigrationAwareSqlAdapterFactory(adapter);
    const engine = await Engine.new({ datamodels: undefined }, () => undefined, bound);
    return await work(engine, db);
  } catch (error) {
    const folder = folders.find(({ sql }) => sql === adapter.failure?.script)?.name;
    throw explainFailure(adapter.failure?.error ?? error, folder);
  } finally {
    await adapter.close();
  }
}

/** The folders in the form in which the engine takes them. */
export const migrationList = (folders: readonly Folder[]): MigrationList => ({
  baseDir: MIGRATIONS,
  lockfile: LOCK_FILE,
  shadowDbInitScript: "",
  migrationDirectories: folders.map(({ name, sql }) => ({
    path: name,
    migrationFile: { path: "migration.sql", content: { tag: "ok", value: sql } },
  })),
});
