/** What a batch's facts mean. */
import type { BatchEntry } from "../../batches.ts";
import type { Folder } from "../../schema/folders.ts";
import { interruptedOf, isApplied, isChanged } from "../../schema/history.ts";
import type { BatchState, StateName } from "./batch-state.ts";
import type { Facts, RunFacts } from "./facts.ts";

/** On a replica, which sees no lock of its primary's, a run that was silent for so long is taken for dead. */
const SILENT_SECONDS = 60;

/** What is known of one batch's runs. */
interface Runs {
  /** Those that count, newest first. */
  readonly live: readonly RunFacts[];
  readonly rolledBack: readonly RunFacts[];
  /** Those of `live` that apply the batch, and those that apply a part of it. */
  readonly applying: readonly RunFacts[];
  readonly partly: readonly RunFacts[];
  /** Those of `rolledBack` that applied it, or a part. */
  readonly undone: readonly RunFacts[];
}

/** The batch's state, and what it follows from. `folders` are those of the tree. */
export function judge(entry: BatchEntry, facts: Facts, folders: readonly Folder[]): BatchState {
  const runs = runsOf(entry, facts);
  const state = stateOf(entry, facts, runs);
  const last = runThatTells(state, runs, facts);
  const checkpoint = facts.checkpoints.find(({ script }) => script === entry.name);
  const lock = facts.locks.find(({ script }) => script === entry.name);
  const applied = entry.folders.filter((name) => isApplied(facts.history, { name }));
  const quarantined = facts.quarantine.find(({ script }) => script === entry.name)?.items ?? 0;
  const until = last?.status === "waiting" ? last.progress?.until : undefined;
  return {
    entry,
    state,
    quarantined,
    resumable: state === "stopped" && checkpoint !== undefined,
    rolledBackRuns: sum(runs.rolledBack),
    runs: sum(runs.live) + sum(runs.rolledBack),
    applied,
    changed: entry.folders.filter((name) => isChangedFolder(name, facts, folders)),
    missing: applied.filter((name) => !folders.some((folder) => folder.name === name)),
    failed: failedFolders(entry, facts),
    ...(last === undefined ? {} : { lastRun: last }),
    ...(runs.applying[0] === undefined ? {} : { wholeRun: runs.applying[0] }),
    ...(checkpoint === undefined ? {} : { checkpoint }),
    ...(lock === undefined ? {} : { lock }),
    ...(until === undefined ? {} : { waitsUntil: until }),
  };
}

/**
 * The first that holds:
 * - unknown: what would tell may not be read by this role.
 * - running: a run's row says so, and its lock is held. A row without a lock is what a killed run leaves behind.
 * - stopped: the last run did not come to its end, or a checkpoint waits, as it does after --limit, or no run has looked at more
 *   than a part. Not for a schema batch whose folders are applied: what a run of it had still to do was to close its own record.
 * - quarantine: all is done except for items that failed.
 * - done: applied, by its folders or by a run that was not rolled back.
 * - rolled_back: it was applied once.
 * - pending.
 */
function stateOf(entry: BatchEntry, facts: Facts, { live, applying, partly, undone }: Runs): StateName {
  const { kind, name, folders } = entry;
  if (facts.unreadable.includes(kind === "schema" ? "_prisma_migrations" : "migration_runs")) return "unknown";
  if (live.some((run) => isAlive(run, facts))) return "running";
  const here = folders.at(-1) ?? "";
  const done = kind === "schema" ? isApplied(facts.history, { name: here }) : applying.length > 0;
  const stopped =
    kind === "schema"
      ? !done && (isUnfinished(live[0]) || failedFolders(entry, facts).length > 0)
      : isUnfinished(live[0]) ||
        isUnfinished(applying[0]) ||
        (!done && partly.length > 0) ||
        facts.checkpoints.some(({ script }) => script === name);
  if (stopped) return "stopped";
  if (done) return facts.quarantine.some(({ script }) => script === name) ? "quarantine" : "done";
  const was = facts.history.some((past) => past.name === here && past.rolledBack);
  return was || undone.length > 0 ? "rolled_back" : "pending";
}

function runThatTells(state: StateName, { live, rolledBack, applying }: Runs, facts: Facts): RunFacts | undefined {
  const newest = [...live, ...rolledBack].sort((a, b) => b.id - a.id)[0];
  if (state === "running") return live.find((run) => isAlive(run, facts));
  return (state === "stopped" ? ([live[0], applying[0]].find(isUnfinished) ?? live[0]) : undefined) ?? newest;
}

const failedFolders = ({ folders }: BatchEntry, { history }: Facts): string[] =>
  folders.filter((name) => !isApplied(history, { name }) && interruptedOf(history).includes(name));

/** Whether a run that its row calls running really lives. */
export const isAlive = ({ script, status, heartbeatAge }: RunFacts, { locks, replica }: Facts): boolean =>
  status === "running" && (replica ? heartbeatAge < SILENT_SECONDS : locks.some((lock) => lock.script === script));

/** A run with problems that no retry of single items mends is to be run again as a whole. */
const isUnfinished = (run: RunFacts | undefined): boolean =>
  run !== undefined &&
  run.status !== "completed" &&
  !(run.status === "completed_with_errors" && (run.stats.errors ?? 0) > 0);

function runsOf({ name, appliedBy }: BatchEntry, { runs }: Facts): Runs {
  const own = runs.filter(({ script }) => script === name).sort((a, b) => b.id - a.id);
  const applies = ({ step }: RunFacts) => appliedBy?.includes(step ?? "") ?? true;
  const live = own.filter(({ status }) => status !== "rolled_back");
  const rolledBack = own.filter(({ status }) => status === "rolled_back");
  return {
    live,
    rolledBack,
    applying: live.filter((run) => applies(run) && !run.partial),
    partly: live.filter((run) => applies(run) && run.partial),
    undone: rolledBack.filter(applies),
  };
}

const sum = (runs: readonly RunFacts[]): number => runs.reduce((total, { alike }) => total + alike, 0);

function isChangedFolder(name: string, { history }: Facts, folders: readonly Folder[]): boolean {
  const folder = folders.find((one) => one.name === name);
  return folder !== undefined && isChanged(history, folder);
}
