/** Runs in words: how they ended, when, with what numbers. */
import { flagOf } from "../cli/flag.ts";
import type { Stats } from "../journal/runs.ts";
import { formatCount, formatDuration, wordsOf } from "../report/format.ts";
import type { Standing } from "../report/progress.ts";
import { redact } from "../report/redact.ts";

/** How a run ended, as a column of a table says it; `killed` is a run that its row still calls running. */
export const STATUS_WORDS: Readonly<Record<string, string>> = {
  running: "running",
  killed: "killed",
  completed: "completed",
  completed_with_errors: "with errors",
  failed: "failed",
  interrupted: "interrupted",
  waiting: "must wait",
  rolled_back: "rolled back",
};

/** The same in a sentence. */
const STATUS_SENTENCES: Readonly<Record<string, string>> = {
  running: "is running",
  killed: "was killed",
  completed: "completed",
  completed_with_errors: "ended with errors",
  failed: "failed",
  interrupted: "was interrupted",
  waiting: "must wait",
  rolled_back: "was rolled back",
};

/** What a line says of a run. */
export interface Told {
  readonly id: number;
  readonly status: string;
  readonly startedAt: string;
  readonly durationMs: number;
  readonly stats: Stats;
}

/** "run 12 of 2025-11-22 14:03Z completed in 0.8 s: 3 conversations created". */
export function runSentence({ id, status, startedAt, durationMs, stats }: Told): string {
  const end = status.startsWith("completed") ? "in" : "after";
  const took = status === "rolled_back" ? "; it had counted" : ` ${end} ${formatDuration(durationMs)}`;
  return `run ${id} of ${timeText(startedAt)} ${STATUS_SENTENCES[status] ?? status}${took}: ${numbersText(stats)}`;
}

/** An ISO time to the minute, in UTC: "2025-11-22 14:03Z". */
export const timeText = (iso: string): string => `${new Date(iso).toISOString().slice(0, 16).replace("T", " ")}Z`;

/** The numbers that are not 0: "3 conversations created, 20 messages created". */
export function numbersText(stats: Stats): string {
  const counted = Object.entries(stats).filter(([name, count]) => count !== 0 && !name.endsWith("Seconds"));
  return counted.map(([name, count]) => `${formatCount(count)} ${wordsOf(name)}`).join(", ") || "nothing";
}

/** "12,000 of 38,768 audits (31%)"; undefined where the run has not counted yet. */
export function shareText({ unit = "items", done, total, exact = true }: Partial<Standing>): string | undefined {
  if (done === undefined) return undefined;
  if (total === undefined) return `${formatCount(done)} ${unit}`;
  return `${formatCount(done)} of ${exact ? "" : "about "}${formatCount(total)} ${unit} (${percentOf(done, total)}%)`;
}

/** "31%, 5,432/s, 5.0 s left": as much of it as is known. */
export function paceText({ done, total, perSecond, secondsLeft }: Partial<Standing>): string {
  const parts = [
    done !== undefined && total !== undefined && `${percentOf(done, total)}%`,
    perSecond !== undefined && `${formatCount(perSecond)}/s`,
    secondsLeft !== undefined && `${formatDuration(secondsLeft * 1000)} left`,
  ];
  return parts.filter(Boolean).join(", ");
}

const percentOf = (done: number, total: number): number =>
  total > 0 ? Math.min(100, Math.floor((100 * done) / total)) : 100;

/** The options that were given, without secrets: what the record holds besides are defaults, and other spellings of the same. */
export const givenOptions = (options: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(options)
      .filter(([name, value]) => /^[a-z][a-zA-Z]+$/.test(name) && value !== false && value !== null)
      .map(([name, value]) => [name, withoutSecrets(value)]),
  );

const withoutSecrets = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value), (_, part) => (typeof part === "string" ? redact(part) : part));

/** Options as one types them: "--limit 20 --recent". */
export const flagsOf = (given: Readonly<Record<string, unknown>>): string =>
  Object.entries(given)
    .filter(([name]) => name !== "step")
    .map(([name, value]) => {
      const flag = flagOf(name);
      return value === true ? flag : `${flag} ${Array.isArray(value) ? value.join(",") : valueText(value)}`;
    })
    .join(" ");

const valueText = (value: unknown): string => (typeof value === "object" ? JSON.stringify(value) : String(value));
