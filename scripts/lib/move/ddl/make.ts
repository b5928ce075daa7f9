/** Runs the statements that make a schema, as part of one transaction. */
import type { Queryable } from "../../db/database.ts";
import { describeError, sqlStateOf } from "../../db/pg-errors.ts";
import { quoteName } from "../../db/quote.ts";
import { withSavepoint } from "../../db/transaction.ts";
import { RunFailed } from "../../errors.ts";
import { withSearchPath } from "../catalog.ts";
import type { SchemaStatements, Statement } from "./statement.ts";

/** Undefined function, object or table: what comes later in the list may define it. */
const UNDEFINED = new Set(["42883", "42704", "42P01"]);

/**
 * Makes the schema, where it is missing, and what the statements say. Throws RunFailed with the statement's kind and name where
 * the server refuses one; the caller's transaction is then to be given up.
 */
export async function makeSchema(
  tx: Queryable,
  schema: string,
  { statements }: Pick<SchemaStatements, "statements">,
): Promise<void> {
  await tx.query(`create schema if not exists ${quoteName(schema)}`);
  await withSearchPath(tx, schema, async () => {
    // A function's body may name what is made after it.
    await tx.query("set local check_function_bodies = off");
    for (const group of groupsOf(statements)) await runGroup(tx, group);
  });
}

/** Types and functions may need each other in any order; everything else comes when what it needs is there. */
function groupsOf(statements: readonly Statement[]): Statement[][] {
  const groups: Statement[][] = [];
  let open = false;
  for (const statement of statements) {
    const mutual = statement.kind === "type" || statement.kind === "function";
    if (mutual && open) groups.at(-1)?.push(statement);
    else groups.push([statement]);
    open = mutual;
  }
  return groups;
}

/** Tries those that failed for want of something again, as long as that gets any of them done. */
async function runGroup(tx: Queryable, group: readonly Statement[]): Promise<void> {
  const waiting: Statement[] = [];
  for (const statement of group) {
    const isLast = waiting.length === 0 && statement === group.at(-1);
    const done = isLast ? await run(tx, statement) : await tryTo(tx, statement);
    if (!done) waiting.push(statement);
  }
  const [first] = waiting;
  if (first === undefined) return;
  if (waiting.length === group.length) await run(tx, first);
  await runGroup(tx, waiting);
}

const tryTo = async (tx: Queryable, statement: Statement): Promise<boolean> =>
  (await withSavepoint(
    tx,
    (error) => UNDEFINED.has(sqlStateOf((error as Error).cause) ?? ""),
    () => run(tx, statement),
  )) === true;

async function run(tx: Queryable, { kind, name, sql }: Statement): Promise<true> {
  try {
    await tx.query(sql);
    return true;
  } catch (error) {
    if (sqlStateOf(error) === undefined) throw error;
    throw new RunFailed(`The ${kind} ${name} could not be made: ${describeError(error)}`, { cause: error });
  }
}
