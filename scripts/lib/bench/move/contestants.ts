/** Who moves the database: each brings the same schema with the same rows to a fresh target. */

import { mkdtemp, rm } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { RunFailed } from "../../errors.ts";
import { type Measured, measure, measureProcess } from "../measure.ts";
import { SCHEMA } from "./ground.ts";
import { execute, type Tool } from "./programs.ts";

const SCRIPT = "scripts/migrations/migrate-business-data.ts";

export const NAMES = {
  dump: "pg_dump | psql",
  pgcopydb: "pgcopydb clone",
  ours: "batch 10: plan, schema, copy",
  dumpData: "pg_dump --data-only | psql",
  oursData: "batch 10: copy",
} as const;

/** A run, and where more was done behind what is compared, when all of it was over. */
export interface Moved extends Measured {
  readonly wholeMs?: number;
}

export interface Contestant {
  readonly name: string;
  readonly needs: readonly Tool[];
  /** The tables are there already, with all of their indexes. */
  readonly intoTables?: true;
  run(source: string, target: string): Promise<Moved>;
}

/** In the order of the first round and of the table. */
export const CONTESTANTS: readonly Contestant[] = [
  { name: NAMES.dump, needs: ["pg_dump", "psql"], run: (from, to) => measure(() => dump(from, to, "")) },
  { name: NAMES.pgcopydb, needs: ["pg_dump", "pgcopydb"], run: (from, to) => measureInFolder(from, to) },
  { name: NAMES.ours, needs: [], run: moveAll },
  {
    name: NAMES.dumpData,
    needs: ["pg_dump", "psql"],
    intoTables: true,
    run: (from, to) => measure(() => dump(from, to, "--data-only")),
  },
  { name: NAMES.oursData, needs: [], intoTables: true, run: (from, to) => runOurs(["copy"], direct(from), to) },
];

/** A dump that breaks off must not look like one that ended: what is sent in its place is no statement. */
const PIPE = `{ pg_dump --dbname="$SOURCE" --schema=${SCHEMA} $WHAT || echo 'pg_dump failed;'; } |
              psql --quiet --no-psqlrc --set=ON_ERROR_STOP=1 --dbname="$TARGET"`;

/** By pg_dump and psql, with these flags of pg_dump's. */
export const dump = (source: string, target: string, what: string): Promise<unknown> =>
  execute("/bin/sh", ["-c", PIPE], { SOURCE: source, TARGET: target, WHAT: what });

async function measureInFolder(source: string, target: string): Promise<Measured> {
  const folder = await mkdtemp(join(tmpdir(), "bench-move-"));
  const jobs = String(availableParallelism());
  const args = ["clone", "--dir", join(folder, "work"), "--table-jobs", jobs, "--index-jobs", jobs];
  const env = { PGCOPYDB_SOURCE_PGURI: source, PGCOPYDB_TARGET_PGURI: target };
  try {
    return await measure(() => execute("pgcopydb", args, env));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Where the script reads. */
export const direct = (source: string): Readonly<Record<string, string>> => ({ SOURCE_DATABASE_URL: source });

/** The script, with these arguments and its source in the environment. */
export const runOurs = (args: readonly string[], source: Readonly<Record<string, string>>, target: string) =>
  measureProcess(SCRIPT, [...args, "--source-schema", SCHEMA, "--json"], target, [], source);

/** The source's tables with all of their indexes, and no rows. */
export const makeTables = (source: string, target: string) => runOurs(["schema"], direct(source), target);

/** All in order. What is compared ends with the copy: the others neither verify what they brought nor look for what changed since. */
async function moveAll(source: string, target: string): Promise<Moved> {
  const startedAt = Date.now();
  const { ms, peakBytes, out } = await runOurs([], direct(source), target);
  const { subcommands } = JSON.parse(out) as { subcommands: { finishedAt: string; stats: { rowsInserted: number } }[] };
  const copy = subcommands.find(({ stats }) => stats.rowsInserted > 0);
  if (copy === undefined) throw new RunFailed("The script copied no row.");
  return { ms: Date.parse(copy.finishedAt) - startedAt, peakBytes, wholeMs: ms };
}
