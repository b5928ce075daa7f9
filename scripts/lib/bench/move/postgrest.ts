/** A move from behind PostgREST against reading the same rows and throwing them away, with as many requests at a time. */

import { isDeepStrictEqual } from "node:util";
import { SERVICE_KEY, startPostgrest } from "../../../../tests/helpers/stand-ins/postgrest.ts";
import { RunFailed } from "../../errors.ts";
import { formatDuration } from "../../report/format.ts";
import { type MeasuredProcess, measureProcess } from "../measure.ts";
import { median } from "../percentiles.ts";
import { makeTables, runOurs } from "./contestants.ts";
import { fingerprintOf, type Ground, SCHEMA } from "./ground.ts";

const READ_ALONE = "scripts/lib/bench/move/read-alone.ts";
/** As Supabase has it, and as a service of one's own may be set. */
const CLIPS = [1_000, 10_000];
const WORKERS = [1, 2];

/** Medians. */
export interface Served {
  readonly rows: number;
  readonly rounds: number;
  readonly maxRows: number;
  readonly workers: number;
  readonly readMs: number;
  readonly copyMs: number;
  readonly peakBytes: number;
}

interface Way {
  readonly maxRows: number;
  readonly workers: number;
}

/** Measures both in turns, whichever way the rows come. Throws RunFailed where the copy did not bring them. */
export async function measureServed(ground: Ground, rounds: number, say: (line: string) => void): Promise<Served[]> {
  const served: Served[] = [];
  for (const maxRows of CLIPS) {
    const service = await startPostgrest(ground.source, { schema: SCHEMA, maxRows });
    try {
      const from = { SUPABASE_URL: service.url, SUPABASE_SERVICE_ROLE_KEY: SERVICE_KEY, SOURCE_DATABASE_URL: "" };
      for (const workers of WORKERS) served.push(await measureWay(ground, from, { maxRows, workers }, { rounds, say }));
    } finally {
      await service.close();
    }
  }
  return served;
}

async function measureWay(
  ground: Ground,
  from: Readonly<Record<string, string>>,
  { maxRows, workers }: Way,
  { rounds, say }: { readonly rounds: number; readonly say: (line: string) => void },
): Promise<Served> {
  const read = () => measureProcess(READ_ALONE, [SCHEMA, String(workers)], ground.source, [], from);
  const copies: MeasuredProcess[] = [];
  const reads: MeasuredProcess[] = [];
  for (let round = 0; round < rounds; round += 1) {
    if (round % 2 === 0) reads.push(await read());
    copies.push(await ground.onTarget((target) => copyOnce(ground, from, target, workers)));
    if (round % 2 === 1) reads.push(await read());
  }
  const [readMs, copyMs] = [reads, copies].map((runs) => median(runs.map(({ ms }) => ms))) as [number, number];
  say(
    `  ${maxRows} rows an answer, ${workers} at a time: read ${formatDuration(readMs)}, copied ${formatDuration(copyMs)}`,
  );
  const peakBytes = Math.max(...copies.map((copy) => copy.peakBytes));
  return { rows: ground.rows, rounds, maxRows, workers, readMs, copyMs, peakBytes };
}

async function copyOnce(
  { source }: Ground,
  from: Readonly<Record<string, string>>,
  target: string,
  workers: number,
): Promise<MeasuredProcess> {
  await makeTables(source, target);
  const copied = await runOurs(["copy", "--from", "postgrest", "--workers", String(workers)], from, target);
  if (!isDeepStrictEqual(await fingerprintOf(target), await fingerprintOf(source)))
    throw new RunFailed("The copy from PostgREST did not bring what the source holds.");
  return copied;
}
