/** Kills a batch at one point after the other, on one database, then lets it run to its end. */
import type { FaultPoint } from "../../scripts/lib/engine/fault.ts";
import { until } from "../helpers/script.ts";
import type { Subject } from "./subjects.ts";

const KILLED = 137;
const MUST_WAIT = 75;

/** Points that a run comes past while pages lie ahead of it, and the highest time at which one is asked for. */
const ON_THE_WAY: readonly (readonly [FaultPoint, number])[] = [
  ["page-begin", 3],
  ["page-stored", 3],
  ["page-saved", 3],
  ["page-committed", 2],
  ["share", 1],
  ["split", 2],
];
/** So many points to be killed at, in order; `last` are those to end with. */
export function drawPoints(random: () => number, count: number, last: readonly string[]): string[] {
  const points: string[] = [];
  const drawn = Math.max(0, count - last.length);
  while (points.length < drawn) {
    const round = ON_THE_WAY.map((point) => [random(), point] as const).sort(([a], [b]) => a - b);
    points.push(...round.map(([, [point, most]]) => `${point}:${1 + Math.floor(random() * most)}`));
  }
  return [...points.slice(0, drawn), ...last];
}

/**
 * Runs the batch once for each point; returns where it died. A run that comes to its end without having passed its point, such as
 * a split when no bad row is left, is followed by one that dies in its first page.
 */
export async function killAt(subject: Subject, url: string, points: readonly string[]): Promise<string[]> {
  const killed: string[] = [];
  for (const point of points) {
    for (const next of [point, "page-saved:1"]) {
      if ((await run(subject, url, next)) !== KILLED) continue;
      killed.push(next);
      break;
    }
  }
  return killed;
}

/** Runs it undisturbed; its exit code. */
export const runToItsEnd = (subject: Subject, url: string): Promise<number> => run(subject, url);

/** Where the server has not noticed yet that the run before is dead, it is started again. */
const run = (subject: Subject, url: string, fault?: string): Promise<number> =>
  until(async () => {
    const { exitCode, stderr } = await subject.start(url, fault).ended;
    if (exitCode === 2) throw new Error(stderr);
    return exitCode === MUST_WAIT ? undefined : exitCode + 1;
  }).then((code) => code - 1);
