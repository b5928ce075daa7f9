/** The bars that batch 4 must clear on a million audits. */
import { formatCount } from "../report/format.ts";
import { NAMES } from "./contestants.ts";
import type { Size } from "./reference.ts";
import { type Result, type Score, scoreOf } from "./scores.ts";
import type { Table } from "./table.ts";

const MEGABYTE = 1_000_000;

const OURS = [NAMES.oneWorker, NAMES.twoWorkers, NAMES.again, NAMES.dryRun];

/** What was measured against what was promised; at most `bar` meets it. */
interface Bar {
  readonly what: string;
  readonly bar: number;
  readonly measured: number | undefined;
  readonly unit?: "MB";
}

/** Each bar that the chosen parts allow to be told. `sizes` go up, in steps of ten where there is growth. */
export function barsTable(results: readonly Result[], sizes: readonly Size[]): Table {
  const [full = 0, tenth = 0, hundredth = 0] = sizes.map(({ audits }) => audits).reverse();
  const score = (name: string, audits = full): Score | undefined => scoreOf(results, name, audits);
  const two = score(NAMES.twoWorkers);
  const peaks = OURS.flatMap((name) => score(name)?.peakBytes ?? []);
  const bars: Bar[] = [
    { what: "2 workers / hand-written", bar: 0.45, measured: ratio(two, score(NAMES.statement)) },
    { what: "1 worker / hand-written", bar: 0.9, measured: ratio(score(NAMES.oneWorker), score(NAMES.statement)) },
    { what: "second run / first run", bar: 0.2, measured: ratio(score(NAMES.again), two) },
    { what: "dry run / first run", bar: 0.25, measured: ratio(score(NAMES.dryRun), two) },
    { what: "peak memory", bar: 150, unit: "MB", measured: peaks.length === 0 ? undefined : Math.max(...peaks) },
    {
      what: `peak memory beyond that at ${formatCount(hundredth)}`,
      bar: 20,
      unit: "MB",
      measured: beyond(two?.peakBytes, score(NAMES.twoWorkers, hundredth)?.peakBytes),
    },
    {
      what: `time per audit, to that at ${formatCount(tenth)}`,
      bar: 1.3,
      measured: perAudit(two, score(NAMES.twoWorkers, tenth)),
    },
  ];
  return {
    title: "Bars",
    head: ["at most", "bar", "measured", ""],
    rows: bars.flatMap(rowOf),
  };
}

function rowOf({ what, bar, measured, unit }: Bar): string[][] {
  if (measured === undefined) return [];
  const value = unit === "MB" ? measured / MEGABYTE : measured;
  const shown = unit === "MB" ? `${value.toFixed(0)} MB` : value.toFixed(2);
  return [[what, unit === "MB" ? `${bar} MB` : bar.toFixed(2), shown, value <= bar ? "met" : "not met"]];
}

const ratio = (score: Score | undefined, base: Score | undefined): number | undefined =>
  score && base && score.ms / base.ms;

const beyond = (bytes: number | undefined, base: number | undefined): number | undefined =>
  bytes === undefined || base === undefined ? undefined : bytes - base;

const perAudit = (score: Score | undefined, smaller: Score | undefined): number | undefined =>
  score && smaller && score.ms / score.audits / (smaller.ms / smaller.audits);
