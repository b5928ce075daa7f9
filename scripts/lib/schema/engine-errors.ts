import { DriverAdapterError } from "@prisma/driver-adapter-utils";
import { classify, describeError, sqlStateOf } from "../db/pg-errors.ts";
import { MustWait, RunFailed } from "../errors.ts";

/**
 * What stopped the engine, as one line and in the runner's own kinds: SQLSTATE and message, without Prisma's trace.
 * `folder` is the one whose file it was, where that is known.
 */
export function explainFailure(error: unknown, folder: string | undefined): Error {
  const where = folder === undefined ? "Prisma's migration engine" : `prisma/migrations/${folder}/migration.sql`;
  const fromAdapter = error instanceof DriverAdapterError ? error.cause : undefined;
  if ((sqlStateOf(error) ?? fromAdapter?.originalCode) === "55P03")
    return new MustWait(`${where}: another session kept a lock for too long. Run again when it has ended.`);
  if (fromAdapter?.originalCode !== undefined)
    return failed(where, `${fromAdapter.originalMessage} (SQLSTATE ${fromAdapter.originalCode})`, error);
  if (error instanceof DriverAdapterError || isEngineError(error)) return failed(where, withoutTrace(error), error);
  const known = classify(error);
  return known instanceof RunFailed ? failed(where, describeError(error), error) : known;
}

const failed = (where: string, why: string, cause: unknown): RunFailed =>
  new RunFailed(`${where}: ${describeError(new Error(why))}`, { cause });

const isEngineError = (error: unknown): error is Error =>
  error instanceof Error && error.name === "SchemaConnectorError";

/** The engine appends where in its own source it stood. */
const withoutTrace = (error: Error): string => error.message.replace(/\n +0: [\s\S]*$/, "");
