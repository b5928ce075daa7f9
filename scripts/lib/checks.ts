import { readFile } from "node:fs/promises";
import { relative } from "node:path";
import type pg from "pg";
import type { Database, Queryable } from "./db/database.ts";
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
  /** `do` blocks that find out what the select needs, run right before it. */
  readonly before: readonly string[];
  readonly select: string;
}

export interface CheckOptions {
  /** How many rows of each are returned. */
  readonly sample?: number;
  /** Milliseconds after which a check is given up; it then counts as one that could not run. */
  readonly statementTimeoutMs?: number;
  /** Custom settings, such as `backfill.actors`, which a verify.sql reads with `current_setting`. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Once it is aborted, its reason is thrown: a check that was cut off tells nothing. */
  readonly signal?: AbortSignal;
}

export interface CheckResult extends Omit<Check, "before" | "select"> {
  /** How many rows are wrong. */
  readonly count: number;
  /** The first of them. */
  readonly rows: readonly pg.QueryResultRow[];
  /** Why the check could not run. */
  readonly error?: string;
  /** A warning never fails, unless it could not run: what was not looked at is not known to be right. */
  readonly failed: boolean;
}

/** The checks of a verify.sql: `-- check: name (failure|warning)`, each followed by one select, before which `do` blocks may stand. */
export async function readChecks(path: string): Promise<Check[]> {
  const [, ...parts] = (await readFile(path, "utf8")).split(HEADING);
  const checks: Check[] = [];
  for (let i = 0; i < parts.length; i += 2) checks.push(readCheck(path, parts[i] ?? "", parts[i + 1] ?? ""));
  return checks;
}

/** Runs each check of a verify.sql in a READ ONLY transaction of its own. */
export async function runChecks(db: Database, path: string, options: CheckOptions = {}): Promise<CheckResult[]> {
  const results: CheckResult[] = [];
  for (const check of await readChecks(path)) {
    options.signal?.throwIfAborted();
    results.push(await runCheck(db, check, options));
  }
  options.signal?.throwIfAborted();
  return results;
}

function readCheck(path: string, heading: string, body: string): Check {
  const [, name, severity] = NAME_AND_SEVERITY.exec(heading) ?? [];
  const statements = splitStatements(body);
  const place = statements.findIndex((statement) => !/^do\b/i.test(statement));
  const select = statements[place];
  if (name === undefined || select === undefined || !/^(select|with)\b/i.test(select))
    throw new RunFailed(
      `${relative(process.cwd(), path)}: "-- check: ${heading}" is not "-- check: name (failure|warning)" before a select.`,
    );
  return { name, severity: severity as Check["severity"], before: statements.slice(0, place), select };
}

async function runCheck(db: Database, check: Check, options: CheckOptions): Promise<CheckResult> {
  const { name, severity } = check;
  const { statementTimeoutMs } = options;
  try {
    const limits = { readOnly: true, ...(statementTimeoutMs === undefined ? {} : { statementTimeoutMs }) };
    const { count, rows } = await inTransaction(db, limits, (tx) => findWrong(tx, check, options));
    return { name, severity, count, rows, failed: severity === "failure" && count > 0 };
  } catch (error) {
    return { name, severity, count: 0, rows: [], error: describeError(error), failed: true };
  }
}

async function findWrong(tx: Queryable, { before, select }: Check, { sample = 5, settings = {} }: CheckOptions) {
  for (const [setting, value] of Object.entries(settings))
    await tx.query("select set_config($1, $2, true)", [setting, value]);
  for (const block of before) await tx.query(block);
  // Planned for itself: within reach of the limit, older servers would look for the first row, and take hours where there is none.
  const answer = await tx.query(
    `with wrong as materialized (\n${select}\n)
     select wrong.*, (select count(*) from wrong) as "all wrong rows" from wrong limit $1`,
    [sample],
  );
  const all = answer.rows.map(({ "all wrong rows": total, ...row }) => ({ total: Number(total), row }));
  return { count: all[0]?.total ?? 0, rows: all.map(({ row }) => row) };
}
