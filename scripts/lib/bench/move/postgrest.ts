/** A move from behind PostgREST against reading the same rows and throwing them away, with as many requests at a time. */
import { isDeepStrictEqual } from "node:util";
import { SERVICE_KEY, startPostgrest } from "../../../../tests/helpers/stand-ins/postgrest.ts";
import { RunFailed } from "../../errors.ts";
import { formatCount, formatDuration } from "../../report/format.ts";
import { type MeasuredProcess, measureProcess } from "../measure.ts";
import { median } from "../percentiles.ts";
import { makeTables, runOurs } from "./contestants.ts";
import { fingerprintOf, type Ground, SCHEMA } from "./ground.ts";

const READ_ALONE = "scripts/lib/bench/move/read-alone.ts";

/** How rows come: the most that an answer holds, how many requests are under way, and how long each answer is on its way. */
interface Way {
  readonly maxRows: number;
  readonly workers: number;
  readonly awayMs: number;
}

/** 1,000 rows are what Supabase allows; and a service is seldom on the same machine. */
const WAYS: readonly Way[] = [
  { maxRows: 1_000, workers: 1, awayMs: 0 },
  { maxRows: 1_000, workers: 2, awayMs: 0 },
  { maxRows: 10_000, workers: 1, awayMs: 0 },
  { maxRows: 1_000, workers: 2, awayMs: 50 },
];

/** Medians. */
export interface Served extends Way {
  readonly rows: number;
  readonly rounds: number;
  readonly readMs: number;
  readonly copyMs: number;
  readonly peakBytes: number;
}

/** Measures both in turns, whichever way the rows come. Throws RunFailed where the copy did not bring them. */
export async function measureServed(ground: Ground, rounds: number, say: (line: string) => void): Promise<Served[]> {
  const served: Served[] = [];
  for (const way of WAYS) {
    const service = await startPostgrest(ground.source, { schema: SCHEMA, maxRows: way.maxRows });
    if (way.awayMs > 0) service.faults.push({ times: Number.POSITIVE_INFINITY, delayMs: way.awayMs });
    try {
      const from = { SUPABASE_URL: service.url, SUPABASE_SERVICE_ROLE_KEY: SERVICE_KEY, SOURCE_DATABASE_URL: "" };
      served.push(await measureWay(ground, from, way, { rounds, say }));
    } finally {
      await service.close();
    }
  }
  return served;
}

async function measureWay(
  ground: Ground,
  from: Readonly<Record<string, string>>,
  way: Way,
  { rounds, say }: { readonly rounds: number; readonly say: (line: string) => void },
): Promise<Served> {
  const { workers } = way;
  const read = () => measureProcess(READ_ALONE, [SCHEMA, String(workers)], ground.source, [], from);
  const copies: MeasuredProcess[] = [];
  const reads: MeasuredProcess[] = [];
  for (let round = 0; round < rounds; round += 1) {
    if (round % 2 === 0) reads.push(await read());
    copies.push(await ground.onTarget((target) => copyOnce(ground, from, target, workers)));
    if (round % 2 === 1) reads.push(await read());
  }
  const [readMs, copyMs] = [reads, copies].map((runs) => median(runs.map(({ ms }) => ms))) as [number, number];
  say(`  ${nameOf(way)}: read ${formatDuration(readMs)}, copied ${formatDuration(copyMs)}`);
  const peakBytes = Math.max(...copies.map((copy) => copy.peakBytes));
  return { ...way, rows: ground.rows, rounds, readMs, copyMs, peakBytes };
}

/** "1,000 rows an answer, 2 at a time, 50 ms away". */
export const nameOf = ({ maxRows, workers, awayMs }: Way): string =>
  `${formatCount(maxRows)} rows an answer, ${workers} at a time${awayMs === 0 ? "" : `, ${awayMs} ms away`}`;

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
