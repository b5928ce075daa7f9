/** What each batch's state is, told from the database alone. */
import { BATCHES } from "../batches.ts";
import type { Queryable } from "../db/database.ts";
import { listFolders } from "../schema/folders.ts";
import { isApplied } from "../schema/history.ts";
import type { BatchState } from "./state/batch-state.ts";
import { type Facts, type RunFacts, readFacts } from "./state/facts.ts";
import { isAlive, judge } from "./state/judge.ts";

export { type BatchState, type StateName, stateWords } from "./state/batch-state.ts";

/** All that `status` says of a database, besides its checks. */
export interface Situation {
  readonly states: readonly BatchState[];
  /** Folders that are applied and are no batch's. */
  readonly strangers: readonly string[];
  readonly unreadable: Facts["unreadable"];
  readonly replica: boolean;
}

/** A run that ends while we look is seen without its lock: it is dead only where a second look sees the same. */
const LOOKS = 5;

/** The state of each batch. Only reads; on an empty database everything is pending. */
export const readStates = async (db: Queryable): Promise<BatchState[]> => [...(await readSituation(db)).states];

/** The states, and what is odd. Only reads. */
export async function readSituation(db: Queryable): Promise<Situation> {
  const [folders, facts] = await Promise.all([listFolders(), readSettledFacts(db)]);
  const known = BATCHES.flatMap((entry) => entry.folders);
  const names = [...new Set(facts.history.map(({ name }) => name))];
  return {
    states: BATCHES.map((entry) => judge(entry, facts, folders)),
    strangers: names.filter((name) => !known.includes(name) && isApplied(facts.history, { name })),
    unreadable: facts.unreadable,
    replica: facts.replica,
  };
}

/** Tells runs apart that their rows call running: those whose process is gone are "killed". Asked before the rows are read. */
export async function readDeaths(db: Queryable): Promise<(run: Pick<RunFacts, "id" | "script" | "status">) => string> {
  const facts = await readSettledFacts(db);
  const dead = facts.runs.filter((run) => run.status === "running" && !isAlive(run, facts)).map(({ id }) => id);
  // A later run can only begin where the one before has ended.
  const isPast = ({ id, script }: Pick<RunFacts, "id" | "script">) =>
    facts.runs.some((later) => later.script === script && later.id > id);
  return (run) => (run.status === "running" && (dead.includes(run.id) || isPast(run)) ? "killed" : run.status);
}

async function readSettledFacts(db: Queryable): Promise<Facts> {
  let facts = await readFacts(db);
  for (let look = 1; look < LOOKS && deadIn(facts) !== ""; look++) {
    const before = deadIn(facts);
    facts = await readFacts(db);
    if (deadIn(facts) === before) break;
  }
  return facts;
}

/** The runs that their rows call running, and whose locks nobody holds. */
const deadIn = (facts: Facts): string =>
  facts.runs
    .filter((run) => run.status === "running" && !isAlive(run, facts))
    .map(({ id }) => id)
    .join();
