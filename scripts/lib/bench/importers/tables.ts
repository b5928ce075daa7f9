/** What was measured, as the tables that people read. */
import { formatCount } from "../../report/format.ts";
import type { Table } from "../table.ts";
import { type Contest, type Limited, PER_SECOND, type Stored } from "./measurements.ts";

const MEGABYTE = 1_000_000;

/** What the importers must reach. */
const LEAST_RATE = 0.8;
const MOST_TIME = 1.05;
const MOST_GROWTH_MB = 30;

export function contestTable({ sink, byHand, messagesMs, rounds }: Contest): Table {
  const times = rounds === 1 ? "once" : `${rounds} times`;
  const rowOf = (name: string, { messages, ms, peakBytes }: Stored) => [
    name,
    seconds(ms),
    rate(messages, ms),
    megabytes(peakBytes),
    times,
  ];
  return {
    title: `Storing ${formatCount(sink.messages)} messages`,
    head: ["", "seconds", "messages/s", "peak memory", "measured"],
    rows: [
      rowOf("the sink", sink),
      rowOf("hand-written inserts of the same rows", byHand),
      ["of these, the messages alone", seconds(messagesMs), rate(byHand.messages, messagesMs), "-", times],
    ],
    notes: ["Both wrote the same messages, conversations and customers."],
  };
}

export const memoryTable = (runs: readonly Stored[]): Table => ({
  title: "Whole runs",
  head: ["messages", "seconds", "messages/s", "peak memory"],
  rows: runs.map(({ messages, ms, peakBytes }) => [
    formatCount(messages),
    seconds(ms),
    rate(messages, ms),
    megabytes(peakBytes),
  ]),
});

export function importerBarsTable(contest: Contest, runs: readonly [Stored, Stored], limited: Limited): Table {
  const [small, large] = runs;
  const share = contest.byHand.ms / contest.sink.ms;
  const growth = (large.peakBytes - small.peakBytes) / MEGABYTE;
  const time = limited.ms / ((limited.requests / PER_SECOND) * 1_000);
  return {
    title: "Bars",
    head: ["", "bar", "measured", ""],
    rows: [
      ["rate of the sink / hand-written", `at least ${LEAST_RATE}`, share.toFixed(2), met(share >= LEAST_RATE)],
      [
        `peak memory beyond that at ${formatCount(small.messages)} messages`,
        `at most ${MOST_GROWTH_MB} MB`,
        `${growth.toFixed(0)} MB`,
        met(growth <= MOST_GROWTH_MB),
      ],
      [
        `${formatCount(limited.requests)} requests at ${PER_SECOND} a second: time / least possible`,
        `at most ${MOST_TIME}`,
        time.toFixed(3),
        met(time <= MOST_TIME),
      ],
    ],
  };
}

const met = (reached: boolean): string => (reached ? "met" : "not met");
const seconds = (ms: number): string => (ms / 1_000).toFixed(1);
const rate = (items: number, ms: number): string => formatCount((items / ms) * 1_000);
const megabytes = (bytes: number): string => `${Math.round(bytes / MEGABYTE)} MB`;
