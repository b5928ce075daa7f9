import { readFile } from "node:fs/promises";
import { relative } from "node:path";
import type pg from "pg";
import type { Database } from "./db/database.ts";
import { describeError } from "./db/pg-errors.ts";
import { inTransaction } from "./db/transaction.ts";
import { RunFailed } from "./errors.ts";
import { splitStatements } from "./schema/statements.ts";

const HEADING = /^-- check:[ \t]*(.*)$/m;
const NAME_AND_SEVERITY = /^(\S.*?)\s*\((failure|warning)\)\s*$/;

/** What a verify.sql looks for: its select yields a row for each thing that is wrong. */
export interface Check {
  readonly name: string;
  readonly severity: "failure" | "warning";
  readonly select: string;
}

export interface CheckResult extends Omit<Check, "select"> {
  /** How many rows are wrong. */
  readonly count: number;
  /** The first of them. */
  readonly rows: readonly pg.QueryResultRow[];
  /** Why the check could not run. */
  readonly error?: string;
  /** A warning never fails, unless it could not run: what was not looked at is not known to be right. */
  readonly failed: boolean;
}

/** The checks of a verify.sql: `-- check: name (failure|warning)`, each followed by one select. */
export async function readChecks(path: string): Promise<Check[]> {
  const [, ...parts] = (await readFile(path, "utf8")).split(HEADING);
  const checks: Check[] = [];
  for (let i = 0; i < parts.length; i += 2) checks.push(readCheck(path, parts[i] ?? "", parts[i + 1] ?? ""));
  return checks;
}

/** Runs each check of a verify.sql in a READ ONLY transaction of its own; `sample` rows of each are returned. */
export async function runChecks(db: Database, path: string, { sample = 5 } = {}): Promise<CheckResult[]> {
  const results: CheckResult[] = [];
  for (const check of await readChecks(path)) results.push(await runCheck(db, check, sample));
  return results;
}

function readCheck(path: string, heading: string, body: string): Check {
  const [, name, severity] = NAME_AND_SEVERITY.exec(heading) ?? [];
  const [select] = splitStatements(body);
  if (name === undefined || select === undefined || !/^(select|with)\b/i.test(select))
    throw new RunFailed(
      `${relative(process.cwd(), path)}: "-- check: ${heading}" is not "-- check: name (failure|warning)" before a select.`,
    );
  return { name, severity: severity as Check["severity"], select };
}

async function runCheck(db: Database, { name, severity, select }: Check, sample: number): Promise<CheckResult> {
  try {
    const { count, rows } = await inTransaction(db, { readOnly: true }, async (tx) => {
      const answer = await tx.query(
        `select wrong.*, count(*) over () as "all wrong rows" from (\n${select}\n) wrong limit $1`,
        [sample],
      );
      const all = answer.rows.map(({ "all wrong rows": total, ...row }) => ({ total: Number(total), row }));
      return { count: all[0]?.total ?? 0, rows: all.map(({ row }) => row) };
    });
    return { name, severity, count, rows, failed: severity === "failure" && count > 0 };
  } catch (error) {
    return { name, severity, count: 0, rows: [], error: describeError(error), failed: true };
  }
}
