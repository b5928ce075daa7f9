/** What was measured, as the tables that people read. */
import { formatCount } from "../report/format.ts";
import type { Beside } from "./beside-writer.ts";
import { NAMES, type Turn } from "./contestants.ts";
import type { Race } from "./race.ts";
import type { Size } from "./reference.ts";
import { type Score, scoreOf } from "./scores.ts";
import type { Table } from "./table.ts";

const MEGABYTE = 1_000_000;

/** All contestants at the largest size, set against the statement. */
export function contestantsTable({ results, wrote }: Race, turns: readonly Turn[], { audits }: Size): Table {
  const messages = wrote.get(audits)?.messages ?? 0;
  const names = turns.flatMap(({ contestants }) => contestants.map(({ name }) => name));
  const scores = names.flatMap((name) => scoreOf(results, name, audits) ?? []).map((score) => toWhole(score, messages));
  const base = scores.find(({ name }) => name === NAMES.statement);
  const extrapolated = scores.flatMap(({ name, rows, ms }) =>
    rows === undefined
      ? []
      : [`${name}: ${perSecond(messages, ms)} messages a second, extrapolated from ${formatCount(rows)} of them.`],
  );
  return {
    title: `${formatCount(audits)} audits`,
    head: ["", "seconds", "to hand-written", "audits/s", "peak memory", "measured"],
    rows: scores.map((score) => [
      score.rows === undefined ? score.name : `${score.name} (extrapolated)`,
      seconds(score.ms),
      base === undefined ? "-" : (score.ms / base.ms).toFixed(2),
      perSecond(audits, score.ms),
      megabytes(score.peakBytes),
      score.times === 1 ? "once" : `${score.times} times`,
    ]),
    notes: [...sameRows({ results, wrote }, audits), ...extrapolated],
  };
}

/** The time that a contestant who wrote some of the messages would need for all, were its rate to stay. */
const toWhole = (score: Score, messages: number): Score =>
  score.rows === undefined ? score : { ...score, ms: (score.ms / score.rows) * messages };

function sameRows({ wrote }: Race, audits: number): string[] {
  const all = wrote.get(audits);
  if (all === undefined) return [];
  const { messages, conversations } = all;
  return [`All wrote the same ${formatCount(messages)} messages and ${formatCount(conversations)} conversations.`];
}

/** The statement and batch 4 as the data grows. */
export function growthTable({ results }: Race, sizes: readonly Size[]): Table {
  const microseconds = (score: Score | undefined): string =>
    score === undefined ? "-" : `${((score.ms * 1_000) / score.audits).toFixed(0)} µs`;
  return {
    title: "Growth",
    head: ["audits", "hand-written, s", "per audit", "2 workers, s", "per audit", "peak memory"],
    rows: sizes.map(({ audits }) => {
      const statement = scoreOf(results, NAMES.statement, audits);
      const ours = scoreOf(results, NAMES.twoWorkers, audits);
      return [
        formatCount(audits),
        seconds(statement?.ms),
        microseconds(statement),
        seconds(ours?.ms),
        microseconds(ours),
        megabytes(ours?.peakBytes),
      ];
    }),
  };
}

/** What a live writer felt, alone and beside each run. */
export function writerTable(runs: readonly Beside[]): Table {
  const rows = runs.flatMap(({ name, ms, idle, busy }) => [
    [`before: ${name}`, "-", formatCount(idle.count), millis(idle.p50), millis(idle.p99), millis(idle.max), "1.00"],
    [
      `beside: ${name}`,
      seconds(ms),
      formatCount(busy.count),
      ...[busy.p50, busy.p99, busy.max].map(millis),
      (busy.p99 / idle.p99).toFixed(2),
    ],
  ]);
  return {
    title: "A live writer beside it",
    head: ["", "run, s", "writes", "p50", "p99", "max", "p99 to idle"],
    rows,
  };
}

const seconds = (ms: number | undefined): string => (ms === undefined ? "-" : (ms / 1_000).toFixed(1));
const perSecond = (items: number, ms: number): string => formatCount((items / ms) * 1_000);
const millis = (ms: number): string => `${ms.toFixed(1)} ms`;
const megabytes = (bytes: number | undefined): string =>
  bytes === undefined ? "-" : `${Math.round(bytes / MEGABYTE)} MB`;
