/** The crash matrix of one batch: so many kill points, spread over so many databases. */
import { afterAll, expect, test } from "@jest/globals";
import { type TestDatabase, useDatabase } from "../helpers/database.ts";
import { randomOf } from "../helpers/hostile.ts";
import { runInProcess } from "../helpers/script.ts";
import { type Difference, differenceOf, leftoversOf, NONE, stateOf } from "./final-state.ts";
import { drawPoints, killAt, runToItsEnd } from "./kills.ts";
import type { Subject } from "./subjects.ts";

/** Of both batches together. CRASH_POINTS asks for more. */
const POINTS = Number(process.env.CRASH_POINTS ?? 40);
const POINTS_EACH = 10;
const BATCHES = 2;
/** One start of a script, however busy the machine. */
const START_MS = 6_000;

const seeds = Array.from({ length: Math.ceil(POINTS / BATCHES / POINTS_EACH) }, (_, index) => index + 1);

/** What the matrix has seen; `at` counts the kills by point. */
interface Sums extends Record<keyof Difference, number> {
  killed: number;
  readonly at: Record<string, number>;
}

/** Declares the tests: one database killed at ten points for each seed, compared with one where nothing happened. */
export function testKillsOf(subject: Subject): void {
  const calm = useDatabase();
  const db = useDatabase();
  const sums: Sums = { killed: 0, at: {}, lost: 0, duplicated: 0, different: 0 };
  const startedAt = performance.now();

  test.each(seeds)(
    `${subject.name}, killed at ten points (seed %i), ends as a run that nothing disturbed`,
    async (seed) => {
      const exitCode = await undisturbed(subject, calm, seed);
      await subject.fill(db, seed);
      const killed = await killAt(subject, db.url, drawPoints(randomOf(seed), POINTS_EACH, subject.last));
      expect(await runToItsEnd(subject, db.url)).toBe(exitCode);
      const difference = differenceOf(await stateOf(calm), await stateOf(db));
      count(sums, killed, difference);
      expect(difference).toEqual(NONE);
      expect(await leftoversOf(db)).toEqual([]);
      expect(killed).toHaveLength(POINTS_EACH);
    },
    START_MS * (POINTS_EACH + 2),
  );

  afterAll(() => {
    if (process.env.CRASH_POINTS === undefined) return;
    const seconds = Math.round((performance.now() - startedAt) / 1_000);
    process.stdout.write(`${subject.name}: ${JSON.stringify({ ...sums, seconds })}\n`);
  });
}

/** Fills a database and runs the batch on it, as large and as alone as it likes; its exit code. */
async function undisturbed({ batch, fill }: Subject, calm: TestDatabase, seed: number): Promise<number> {
  await fill(calm, seed);
  return (await runInProcess(batch, calm, ["--workers", "1"])).exitCode;
}

function count(sums: Sums, killed: readonly string[], found: Difference): void {
  sums.killed += killed.length;
  for (const point of killed.map((name) => name.replace(/:.*/, ""))) sums.at[point] = (sums.at[point] ?? 0) + 1;
  for (const kind of ["lost", "duplicated", "different"] as const) sums[kind] += found[kind].length;
}
