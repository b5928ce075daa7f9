/** What is to be said of a batch besides its state. */
import { commandOf } from "../../batches.ts";
import { formatCount, formatDuration } from "../../report/format.ts";
import { DESK_COMMAND } from "../desk.ts";
import { onOneLine } from "../lines.ts";
import { flagsOf, givenOptions, paceText, runSentence, STATUS_WORDS, shareText, timeText } from "../run-words.ts";
import type { RunFacts } from "../state/facts.ts";
import type { BatchState } from "../state.ts";

/** A heartbeat comes about once a second; a page may take longer. */
const SILENT_AFTER_SECONDS = 10;

/** One text for each thing, not yet cut into lines. */
export const detailsOf = (batch: BatchState): string[] => [
  ...runDetails(batch),
  ...goOn(batch),
  ...quarantineOf(batch),
  ...historyOf(batch),
  ...foldersOf(batch),
  ...lockOf(batch),
];

function runDetails({ lastRun, state }: BatchState): string[] {
  if (lastRun === undefined) return [];
  if (state === "running") return runningDetails(lastRun);
  const { error, status } = lastRun;
  const dead = status === "running";
  const sentence = runSentence({ ...lastRun, status: dead ? "killed" : status });
  return [sentence, ...(error === null || status === "rolled_back" ? [] : [onOneLine(error)])];
}

function runningDetails({ id, progress, pid, host, heartbeatAge, durationMs }: RunFacts): string[] {
  const { workers, pageItems, waiting, quarantined = 0 } = progress ?? {};
  const parts = [
    shareText(progress ?? {}) ?? "not counted yet",
    workers !== undefined && `${workers} ${workers === 1 ? "worker" : "workers"}`,
    pageItems !== undefined && `pages of ${formatCount(pageItems)}`,
    quarantined > 0 && `${formatCount(quarantined)} in quarantine`,
  ];
  const silent = heartbeatAge < SILENT_AFTER_SECONDS ? "" : `; silent for ${formatDuration(heartbeatAge * 1000)}`;
  return [
    parts.filter(Boolean).join(", "),
    ...(waiting === undefined ? [] : [`waits: ${onOneLine(waiting)}`]),
    `run ${id}, process ${pid} on ${host}, for ${formatDuration(durationMs + heartbeatAge * 1000)}${silent}`,
  ];
}

/** Options that a run which goes on does not need. */
const ONCE = ["limit", "restart", "json", "verbose", "retryErrors"];
/** Those of a run that had only a part to look at, and is at its end: as `state/runs.sql` has them. */
const OF_A_PART = ["lead", "conversation", "channel"];

/** How far it came, and what one types to go on. */
function goOn(batch: BatchState): string[] {
  const { state, entry, resumable, lastRun } = batch;
  if (state !== "stopped") return [];
  const share = shareText(lastRun?.progress ?? {});
  const partly = isPartOnly(batch);
  const why = partly ? "nothing has looked at the rest" : "no checkpoint is there";
  const far = resumable
    ? `goes on ${share === undefined ? "at its checkpoint" : `behind ${share}`}`
    : `begins anew: ${why}`;
  const needless = partly ? [...ONCE, ...OF_A_PART] : ONCE;
  const given = Object.entries(givenOptions(lastRun?.options ?? {})).filter(([name]) => !needless.includes(name));
  const command = [commandOf(entry.name), lastRun?.step, flagsOf(Object.fromEntries(given))];
  return [far, `to go on: ${command.filter(Boolean).join(" ")}`];
}

/** Whether it is stopped though its last run came to an end, for that had only a part to look at. */
const isPartOnly = ({ lastRun, resumable }: BatchState): boolean =>
  lastRun?.partial === true && !resumable && lastRun.status.startsWith("completed");

function quarantineOf({ quarantined, entry }: BatchState): string[] {
  if (quarantined === 0) return [];
  return [`${formatCount(quarantined)} in quarantine: ${DESK_COMMAND} errors ${entry.number}`];
}

function historyOf({ runs, rolledBackRuns, state }: BatchState): string[] {
  const some = rolledBackRuns > 0 && state !== "rolled_back";
  return some ? [`${rolledBackRuns} of ${runs} runs ${rolledBackRuns === 1 ? "was" : "were"} rolled back`] : [];
}

function foldersOf({ entry, state, applied, changed, missing, failed }: BatchState): string[] {
  const lacking = entry.folders.filter((name) => !applied.includes(name) && !failed.includes(name));
  // A data batch's folder comes with its first run; Prisma may have been there before.
  const partly = entry.kind === "schema" && (applied.length > 0 || state === "done") ? lacking : [];
  return [
    ...changed.map((name) => `changed since it was applied: ${name}/migration.sql`),
    ...missing.map((name) => `applied, but not in prisma/migrations/: ${name}`),
    ...failed.map((name) => `began and did not end: ${name}/migration.sql`),
    ...partly.map((name) => `not applied: ${name}`),
  ];
}

function lockOf({ lock, state }: BatchState): string[] {
  if (lock === undefined || state === "running") return [];
  return [
    `its lock is held by session ${lock.pid} (${lock.application ?? "unnamed"}): a rollback, or a run that begins`,
  ];
}

/** What the line of a batch has room for. */
export function remarkOn(batch: BatchState): string {
  const { state, lastRun, quarantined, waitsUntil, entry } = batch;
  if (state === "running")
    return lastRun?.progress?.waiting === undefined ? paceText(lastRun?.progress ?? {}) : "waits";
  if (state === "quarantine") return `${formatCount(quarantined)} in quarantine`;
  if (state === "stopped") return waitsUntil === undefined ? whyStopped(batch) : `waits until ${timeText(waitsUntil)}`;
  if (state === "pending") return entry.outside === undefined ? "" : `needs ${entry.outside}`;
  return lastRun === undefined ? "" : timeText(lastRun.finishedAt ?? lastRun.startedAt);
}

/** Why the batch has not come to its end, in a word or two. */
function whyStopped(batch: BatchState): string {
  const { lastRun, resumable } = batch;
  if (lastRun === undefined) return "did not end";
  if (isPartOnly(batch)) return "a part only";
  const { status } = lastRun;
  if (status.startsWith("completed")) return resumable ? "at --limit" : "with problems";
  return status === "running" ? "killed" : (STATUS_WORDS[status] ?? status);
}
