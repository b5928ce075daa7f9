/** What is looked at before a batch is begun. */
import { type BatchEntry, commandOf } from "../../batches.ts";
import type { Database } from "../../db/database.ts";
import { MustWait, RunFailed } from "../../errors.ts";
import { countFreeConnections } from "../../health/free-connections.ts";
import { formatBytes } from "../../report/format.ts";
import { DESK_COMMAND, type Desk } from "../desk.ts";
import { wrap } from "../lines.ts";
import { type BatchState, readStates, type StateName } from "../state.ts";
import { checkBatch } from "../verify/check-batch.ts";
import { type Disk, readDisk } from "./disk.ts";

/** One for a page, one for its source, one for the heartbeat, one that holds the lock. */
const LEAST_CONNECTIONS = 4;
/** Four workers, with two each. */
const USUAL_CONNECTIONS = 11;
/** What the next batch can stand on. */
const DONE: readonly StateName[] = ["done", "quarantine"];
/** Less can't hold what a batch writes before PostgreSQL reuses its write-ahead log. */
const LEAST_FREE_BYTES = 64 * 1024 ** 2;

/** What a run is to have. */
export interface Room extends Disk {
  readonly freeConnections: number;
}

/** What there is room for, as lines for people; throws MustWait or RunFailed where it is not enough to begin. */
export const checkRoom = async (db: Database): Promise<string[]> =>
  judgeRoom({ ...(await readDisk(db)), freeConnections: await countFreeConnections(db) });

/** The same of what was found. */
export function judgeRoom({ databaseBytes, freeBytes, freeConnections: free }: Room): string[] {
  if (free < LEAST_CONNECTIONS)
    throw new MustWait(
      `Only ${free} connections to the server are free, and a run needs ${LEAST_CONNECTIONS}. Run again when others have ended.`,
    );
  if (freeBytes !== undefined && freeBytes < LEAST_FREE_BYTES)
    throw new RunFailed(`Only ${formatBytes(freeBytes)} are free on the server's disk. Make room, then run again.`);
  const tight = freeBytes !== undefined && freeBytes < databaseBytes;
  const disk = freeBytes === undefined ? "how much is free can't be seen from here" : `${formatBytes(freeBytes)} free`;
  return [
    `Connections: ${free} free; a run takes ${LEAST_CONNECTIONS} to ${USUAL_CONNECTIONS}.`,
    `Disk: the database has ${formatBytes(databaseBytes)}; ${disk}.`,
    ...(tight ? ["Warning: messages and their indexes may need as much room again."] : []),
  ];
}

/** The checks of the last batch before this one that is done, unless they were `checked`. Throws a RunFailed where one does not hold. */
export async function checkBefore(
  db: Database,
  desk: Desk,
  { number }: BatchEntry,
  checked = new Set<number>(),
): Promise<void> {
  const states = await readStates(db);
  const before = states.findLast(({ entry, state }) => entry.number < number && DONE.includes(state));
  if (before === undefined || checked.has(before.entry.number)) return;
  checked.add(before.entry.number);
  await checkApplied(db, desk, before);
}

/** The checks of the batch that was applied last. */
export async function checkLast(db: Database, desk: Desk, { number }: BatchEntry): Promise<void> {
  const applied = (await readStates(db)).find(({ entry }) => entry.number === number);
  if (applied !== undefined) await checkApplied(db, desk, applied);
}

/**
 * Warnings are said, a failure is thrown. What arrived since the last run of everything began is not judged: where people are at work there always
 * is some, and another run of the batch takes it in.
 */
async function checkApplied(
  db: Database,
  { printer, signal }: Desk,
  { entry, state, wholeRun }: BatchState,
): Promise<void> {
  const { number } = entry;
  const until = wholeRun === undefined ? {} : { until: wholeRun.startedAt };
  const results = await checkBatch(db, entry, { sample: 1, signal, ...until });
  for (const { name, count, severity, failed } of results)
    if (severity === "warning" && count > 0 && !failed)
      for (const line of wrap(`Warning: check of batch ${number}: ${name}: ${count}`)) printer.line(line);
  const failures = results.filter(({ failed }) => failed);
  if (failures.length === 0) {
    const meant =
      entry.kind === "data" && wholeRun !== undefined ? `, for what was there when run ${wholeRun.id} began` : "";
    printer.line(`Checks of batch ${number}: ${results.length} of ${results.length} hold${meant}.`);
    return;
  }
  const list = failures.map(({ name, count, error }) => `${name} (${error ?? count})`).join("; ");
  const mend =
    state === "quarantine"
      ? `What is in quarantine, and why: ${DESK_COMMAND} errors ${number}`
      : `See ${DESK_COMMAND} verify ${number}; what another run can mend: ${commandOf(entry.name)}`;
  throw new RunFailed(`Checks of batch ${number} that do not hold: ${list}. ${mend}`);
}
