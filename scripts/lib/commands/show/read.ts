/** One run, out of all tables that speak of it. */
import type { Database } from "../../db/database.ts";
import { sqlStateOf } from "../../db/pg-errors.ts";
import type { Stats } from "../../journal/runs.ts";
import { readSql } from "../../sql-file.ts";
import type { RunFacts } from "../state/facts.ts";
import { readDeaths } from "../state.ts";

/** A table that the role may not read, or that is not here. */
const HIDDEN = new Set(["42501", "42P01"]);

export interface RunRow
  extends Pick<RunFacts, "id" | "script" | "step" | "options" | "progress" | "host" | "pid" | "error"> {
  readonly batch: number;
  readonly mode: string;
  readonly status: string;
  readonly stats: Stats;
  readonly startedAt: Date;
  readonly heartbeatAt: Date;
  readonly finishedAt: Date | null;
  readonly durationMs: number;
}

/** What is null could not be read. */
export interface WholeRun {
  readonly run: RunRow;
  readonly effects: readonly { readonly table: string; readonly action: string; readonly rows: number }[] | null;
  readonly quarantine: { readonly open: number; readonly resolved: number } | null;
  /** Undefined where the checkpoint is not, or no longer, this run's. */
  readonly checkpoint:
    | { readonly parts: number; readonly partsDone: number; readonly savedAt: Date }
    | null
    | undefined;
  /** Undefined where there is none: the run goes on, was killed, or was rolled back. */
  readonly auditId: string | null | undefined;
}

const sqlOf = (name: string): string => readSql(new URL(`${name}.sql`, import.meta.url));

/** Undefined where there is no such run. */
export async function readRun(db: Database, id: number): Promise<WholeRun | undefined> {
  const statusOf = await readDeaths(db);
  const { rows } = await db.query<RunRow & Pick<RunFacts, "status">>(sqlOf("run"), [id]);
  const [run] = rows;
  if (run === undefined) return undefined;
  const ask = async <Row extends object>(name: string): Promise<Row[] | null> => {
    try {
      return (await db.query<Row & Record<string, unknown>>(sqlOf(name), [id])).rows;
    } catch (error) {
      if (HIDDEN.has(sqlStateOf(error) ?? "")) return null;
      throw error;
    }
  };
  const audits = await ask<{ id: string }>("audit");
  const checkpoints = await ask<NonNullable<WholeRun["checkpoint"]>>("checkpoint");
  return {
    run: { ...run, status: statusOf(run) },
    effects: await ask("effects"),
    quarantine: (await ask<NonNullable<WholeRun["quarantine"]>>("quarantine"))?.[0] ?? null,
    checkpoint: checkpoints === null ? null : checkpoints[0],
    auditId: audits === null ? null : audits[0]?.id,
  };
}
