/** What was measured of the move, as the tables that people read. */
import { formatCount } from "../../report/format.ts";
import type { Table } from "../table.ts";
import { NAMES } from "./contestants.ts";
import { nameOf, type Served } from "./postgrest.ts";
import type { Race, Standing } from "./race.ts";

const MEGABYTE = 1_000_000;

/** What the move must reach. */
const MOST_OF_DUMP = 1.5;
const MOST_OF_PGCOPYDB = 1;
const MOST_OF_READING = 1.2;

/** Those that bring the schema, too, or those that fill tables. */
export function movesTable({ standings, rows, rounds, tools }: Race, intoTables: boolean): Table {
  const shown = standings.filter((one) => one.intoTables === intoTables);
  const base = shown.find(({ name }) => name === (intoTables ? NAMES.dumpData : NAMES.dump))?.ms;
  const wholes = shown.flatMap(({ name, wholeMs }) =>
    wholeMs === undefined ? [] : [`${name}; verify and sync besides: ${seconds(wholeMs)} s from start to end.`],
  );
  return {
    title: `${intoTables ? "Into tables that are there with their indexes" : "Schema and rows"}, ${formatCount(rows)} rows`,
    head: ["", "seconds", "to pg_dump", "rows/s", "peak memory", "measured"],
    rows: shown.map(({ name, ms, peakBytes }) => [
      name,
      seconds(ms),
      base === undefined ? "-" : (ms / base).toFixed(2),
      formatCount((rows / ms) * 1_000),
      peakBytes === undefined ? "-" : megabytes(peakBytes),
      times(rounds),
    ]),
    notes: [
      "All brought the same rows, indexes and constraints.",
      ...wholes,
      ...(intoTables ? [] : [`${tools.join("; ")}.`]),
    ],
  };
}

export const servedTable = (served: readonly Served[]): Table => ({
  title: `From behind PostgREST, ${formatCount(served[0]?.rows ?? 0)} rows`,
  head: ["", "reading alone, s", "copying, s", "ratio", "peak memory", "measured"],
  rows: served.map(({ readMs, copyMs, peakBytes, rounds, ...way }) => [
    nameOf(way),
    seconds(readMs),
    seconds(copyMs),
    (copyMs / readMs).toFixed(2),
    megabytes(peakBytes),
    times(rounds),
  ]),
});

export function moveBarsTable(race: Race | undefined, served: readonly Served[]): Table {
  const find = (name: string): Standing | undefined => race?.standings.find((one) => one.name === name);
  const ours = find(NAMES.ours);
  const rows = [
    ...rowOf("batch 10 / pg_dump | psql", MOST_OF_DUMP, ours, find(NAMES.dump)),
    ...rowOf("batch 10 / pgcopydb", MOST_OF_PGCOPYDB, ours, find(NAMES.pgcopydb)),
    ...served.flatMap(({ readMs, copyMs, ...way }) =>
      rowOf(`PostgREST, ${nameOf(way)}: copying / reading alone`, MOST_OF_READING, { ms: copyMs }, { ms: readMs }),
    ),
  ];
  return { title: "Bars", head: ["at most", "bar", "measured", ""], rows };
}

function rowOf(
  what: string,
  bar: number,
  one: { ms: number } | undefined,
  base: { ms: number } | undefined,
): string[][] {
  if (one === undefined || base === undefined) return [];
  const ratio = one.ms / base.ms;
  return [[what, bar.toFixed(2), ratio.toFixed(2), ratio <= bar ? "met" : "not met"]];
}

const seconds = (ms: number): string => (ms / 1_000).toFixed(1);
const megabytes = (bytes: number): string => `${Math.round(bytes / MEGABYTE)} MB`;
const times = (rounds: number): string => (rounds === 1 ? "once" : `${rounds} times`);
