/** The moves in turns, round after round; what each has written is compared with the source. */
import { isDeepStrictEqual } from "node:util";
import { parseAddress } from "../../db/address.ts";
import { withDatabase } from "../../db/database.ts";
import { RunFailed } from "../../errors.ts";
import { formatDuration } from "../../report/format.ts";
import { median } from "../percentiles.ts";
import { CONTESTANTS, type Contestant, type Moved, makeTables } from "./contestants.ts";
import { fingerprintOf, type Ground } from "./ground.ts";
import { findTool, TOOLS } from "./programs.ts";

/** Medians; the most of the peaks. */
export interface Standing {
  readonly name: string;
  readonly intoTables: boolean;
  readonly ms: number;
  readonly wholeMs: number | undefined;
  readonly peakBytes: number | undefined;
}

export interface Race {
  readonly rows: number;
  readonly rounds: number;
  readonly standings: readonly Standing[];
  /** Which tools were there, and why others were not. */
  readonly tools: readonly string[];
}

/** Each round begins with another. Throws RunFailed where one did not bring all that the source holds. */
export async function raceMoves(ground: Ground, rounds: number, say: (line: string) => void): Promise<Race> {
  const { contestants, tools } = await admit(ground.source);
  for (const line of tools) say(`  ${line}`);
  const wanted = await fingerprintOf(ground.source);
  const results = new Map<string, Moved[]>(contestants.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    say(`Round ${round + 1} of ${rounds}:`);
    const first = round % contestants.length;
    for (const contestant of [...contestants.slice(first), ...contestants.slice(0, first)]) {
      const moved = await ground.onTarget((target) => runOne(contestant, ground.source, target, wanted));
      say(`  ${contestant.name}${contestant.intoTables ? ", into its tables" : ""}: ${formatDuration(moved.ms)}`);
      results.get(contestant.name)?.push(moved);
    }
  }
  const standings = contestants.map((contestant) => standingOf(contestant, results.get(contestant.name) ?? []));
  return { rows: ground.rows, rounds, standings, tools };
}

/** Those whose tools this machine has. */
async function admit(source: string): Promise<{ contestants: Contestant[]; tools: string[] }> {
  const major = await withDatabase(parseAddress(source), { max: 1, readOnly: true }, async (db) => {
    const { rows } = await db.query<{ number: number }>("select current_setting('server_version_num')::int as number");
    return Math.floor((rows[0]?.number ?? 0) / 10_000);
  });
  const found = await Promise.all(TOOLS.map(async (tool) => [tool, await findTool(tool, major)] as const));
  const there = new Set(found.flatMap(([tool, about]) => ("version" in about ? [tool] : [])));
  return {
    contestants: CONTESTANTS.filter(({ needs }) => needs.every((tool) => there.has(tool))),
    tools: found.map(([tool, about]) => ("version" in about ? `${tool} ${about.version}` : about.lacking)),
  };
}

async function runOne(contestant: Contestant, source: string, target: string, wanted: unknown): Promise<Moved> {
  if (contestant.intoTables) await makeTables(source, target);
  const moved = await contestant.run(source, target);
  const brought = await fingerprintOf(target);
  if (!isDeepStrictEqual(brought, wanted))
    throw new RunFailed(
      `"${contestant.name}" did not bring what the source holds: ${JSON.stringify(brought)} and ${JSON.stringify(wanted)}.`,
    );
  return moved;
}

function standingOf({ name, intoTables }: Contestant, runs: readonly Moved[]): Standing {
  const wholes = runs.flatMap(({ wholeMs }) => wholeMs ?? []);
  const peaks = runs.flatMap(({ peakBytes }) => peakBytes ?? []);
  return {
    name,
    intoTables: intoTables === true,
    ms: median(runs.map(({ ms }) => ms)),
    wholeMs: wholes.length === 0 ? undefined : median(wholes),
    peakBytes: peaks.length === 0 ? undefined : Math.max(...peaks),
  };
}
