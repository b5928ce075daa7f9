/** What `status` prints: a line for each batch, with the details beneath it. */
import type { ChalkInstance } from "chalk";
import { BATCHES } from "../../batches.ts";
import { formatCount } from "../../report/format.ts";
import { lineWidth, wrap } from "../lines.ts";
import { type BatchState, type Situation, type StateName, stateWords } from "../state.ts";
import { failedOf, type Limits, type Verified, verifiedText } from "./checks.ts";
import { detailsOf, remarkOn } from "./details.ts";

const DETAIL_INDENT = " ".repeat(6);
/** "rolled back". */
const STATE_WIDTH = 11;
const NAME_WIDTH = Math.max(...BATCHES.map(({ name }) => name.length));

/** What the options ask for. */
export interface Wish {
  readonly wanted: readonly number[];
  readonly checks: Limits | undefined;
}

/** A line, and how it is to look on a terminal. */
export interface Line {
  readonly text: string;
  readonly tone?: "strong" | "busy" | "bad" | "good";
  /** May be left out where the terminal is short. */
  readonly minor?: boolean;
}

const TONES: Readonly<Partial<Record<StateName, Line["tone"]>>> = {
  running: "busy",
  stopped: "bad",
  quarantine: "bad",
  unknown: "bad",
  done: "good",
};

/** The line with its colour. */
export function paint({ text, tone }: Line, { cyan, yellow, green, bold }: ChalkInstance): string {
  if (tone === undefined) return text;
  return { strong: bold, busy: cyan, bad: yellow, good: green }[tone](text);
}

/** Where and when, and what can't be seen from here. */
export function headLines({ unreadable, replica, strangers }: Situation, place: string, width: number): Line[] {
  const notes = [
    ...(replica ? ["A replica: what runs is told by its heartbeat, as locks aren't seen here."] : []),
    ...(unreadable.length > 0
      ? [`This role may not read ${unreadable.join(", ")}: what stands there is unknown.`]
      : []),
    ...(strangers.length > 0 ? [`Applied, and no batch's: ${strangers.join(", ")}.`] : []),
  ];
  return [
    ...wrap(place, "", width).map((text) => ({ text, tone: "strong" as const })),
    ...notes.flatMap((note) => wrap(note, "", width).map((text) => ({ text, tone: "bad" as const }))),
  ];
}

/** A batch's line, and its details. */
export function batchLines(
  batch: BatchState,
  verified: ReadonlyMap<number, Verified>,
  { checks }: Wish,
  width = lineWidth(),
): Line[] {
  const { entry, state } = batch;
  const left = `${String(entry.number).padStart(2)}  ${entry.name.padEnd(NAME_WIDTH)}  `;
  const text = `${left}${stateWords(batch).padEnd(STATE_WIDTH)}  ${remarkOn(batch)}`.trimEnd();
  const tone = TONES[state];
  const result = verified.get(entry.number);
  const holds = result === undefined || failedOf(result) === 0;
  const minor = holds && (state === "done" || state === "pending" || state === "rolled_back");
  const details = [
    ...detailsOf(batch),
    ...(result === undefined || checks === undefined ? [] : [verifiedText(result, entry, checks.timeoutMs)]),
  ];
  return [
    tone === undefined ? { text } : { text, tone },
    ...details.flatMap((detail) => wrap(detail, DETAIL_INDENT, width).map((line) => ({ text: line, minor }))),
  ];
}

/** The last line; while checks are still to come, nobody can say that all is well. */
export function summaryLines(attention: readonly string[], width: number, { checking = false } = {}): Line[] {
  const rest = checking ? " Checks are running." : "";
  if (attention.length > 0)
    return wrap(`To look at: ${attention.join("; ")}.${rest}`, "", width).map((text) => ({ text, tone: "strong" }));
  return [checking ? { text: `Nothing to do so far.${rest}` } : { text: "Nothing to do.", tone: "good" }];
}

/** As many of the lines as a terminal has room for. */
export function shorten(lines: readonly Line[], rows: number): readonly Line[] {
  if (lines.length <= rows) return lines;
  const major = lines.filter(({ minor }) => minor !== true);
  if (major.length <= rows) return major;
  const shown = major.slice(0, Math.max(1, rows - 1));
  return [...shown, { text: `${formatCount(major.length - shown.length)} more lines: make the terminal taller` }];
}
