/** Which runs may be rolled back now: a batch goes only when none is left that came after it. */
import { BATCHES, type BatchEntry } from "../../batches.ts";
import type { Queryable } from "../../db/database.ts";
import { UserError } from "../../errors.ts";
import { hasJournal } from "../../journal/runs.ts";
import { DESK_COMMAND } from "../desk.ts";
import { type BatchState, readStates } from "../state.ts";
import type { Undoing } from "./ledger.ts";

interface RunRow {
  readonly id: string;
  readonly status: string;
  readonly effects: boolean;
}

/** What the runs are, or a UserError where they can't be rolled back: not applied, not of this batch, or out of order. */
export async function chooseRuns(db: Queryable, entry: BatchEntry, asked: number | undefined): Promise<Undoing> {
  const states = await readStates(db);
  const runId = asked?.toString() ?? (await runOfSession(db));
  const all = await readRuns(db, entry);
  const runs = runId === undefined ? all : all.filter(({ id }) => id === runId);
  if (runId !== undefined && runs.length === 0)
    throw new UserError(
      `Run ${runId} is not a run of batch ${entry.number}, ${entry.name}. ${DESK_COMMAND} runs ${entry.number} lists them.`,
    );
  const own = states.find((state) => state.entry.number === entry.number);
  const live = runs.filter(({ status }) => status !== "rolled_back");
  const lives = runId === undefined ? own !== undefined && isThere(own) : live.length > 0;
  if (!lives && !runs.some(({ effects }) => effects)) throw new UserError(nothingLeft(entry, own, runId));
  refuseOutOfOrder(entry, states);
  const idsOf = (rows: readonly RunRow[]) => rows.map(({ id }) => id);
  return { entry, runId, runs: idsOf(runs), live: idsOf(live) };
}

/** As psql does with PGOPTIONS, a URL may name the run in its options. */
async function runOfSession(db: Queryable): Promise<string | undefined> {
  const { rows } = await db.query<{ run: string | null }>(
    "select nullif(current_setting('backfill.run_id', true), '') as run",
  );
  return rows[0]?.run ?? undefined;
}

async function readRuns(db: Queryable, { name }: BatchEntry): Promise<RunRow[]> {
  if (!(await hasJournal(db))) return [];
  const { rows } = await db.query<RunRow>(
    `select id::text, status, exists (select from migration_effects e where e.run_id = r.id) as effects
       from migration_runs r
      where script = $1
   order by r.id`,
    [name],
  );
  return rows;
}

/** Whether anything of a batch is in the database: also of one that did not come to its end. */
const isThere = ({ state, runs, rolledBackRuns }: BatchState): boolean =>
  !["pending", "rolled_back"].includes(state) || runs > rolledBackRuns;

function nothingLeft({ number, name }: BatchEntry, own: BatchState | undefined, runId: string | undefined): string {
  if (runId !== undefined) return `Run ${runId} was rolled back already: nothing of it is left.`;
  if (own?.state === "rolled_back") return `Batch ${number}, ${name}, was rolled back already: nothing of it is left.`;
  return `Batch ${number}, ${name}, is not applied to this database: there is nothing to roll back.`;
}

function refuseOutOfOrder({ number }: BatchEntry, states: readonly BatchState[]): void {
  const later = BATCHES.filter((one) => one.number > number)
    .filter((one) => states.some((state) => state.entry.number === one.number && isThere(state)))
    .reverse();
  if (later.length === 0) return;
  const names = later.map((one) => `${one.number} (${one.name})`).join(", then ");
  throw new UserError(`Out of order: batch ${number} goes after what was applied later. Roll back first ${names}.`);
}
