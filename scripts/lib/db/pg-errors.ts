import pg from "pg";
import { MustWait, RunFailed, UserError } from "../errors.ts";
import { redact } from "../report/redact.ts";

/** SQLSTATE classes that are never a row's fault: connection, transaction state, rights, missing objects, resources, operator. */
const SYSTEM_CLASSES = new Set(["08", "25", "28", "3D", "40", "42", "53", "55", "57", "58", "XX"]);

const TOO_MANY_CONNECTIONS = "53300";
/** `lock_timeout`, and `statement_timeout` or a cancelled statement. */
const TIMEOUTS = new Set(["55P03", "57014"]);

/** What node reports where no server answered. */
const UNREACHABLE = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "ETIMEDOUT", "EHOSTUNREACH", "ENETUNREACH"]);

/** Longer messages are cut: some of them quote values. */
const MAX_MESSAGE_LENGTH = 300;

export const sqlStateOf = (error: unknown): string | undefined =>
  error instanceof pg.DatabaseError && error.code !== undefined ? error.code : undefined;

/** Whether one of the rows of a statement is to blame, so that the others can be stored without it. */
export function isRowsFault(error: unknown): boolean {
  const state = sqlStateOf(error);
  return state !== undefined && !SYSTEM_CLASSES.has(state.slice(0, 2));
}

/** Serialization failures, deadlocks, a connection that is lost or not to be had: the same transaction may well succeed later. */
export const isTransient = (error: unknown): boolean => {
  if (isFinal(error)) return false;
  const state = sqlStateOf(error);
  if (state !== undefined) return state.startsWith("40") || state === TOO_MANY_CONNECTIONS || isConnectionLoss(error);
  return isConnectionLoss(error) || UNREACHABLE.has((error as NodeJS.ErrnoException | undefined)?.code ?? "");
};

/** A page that waited too long for a lock, or took too long: a smaller one may do better. */
export const isTimeout = (error: unknown): boolean => TIMEOUTS.has(sqlStateOf(error) ?? "");

/** One line: SQLSTATE, message and hint; with `verbose` the detail too, shortened, because it quotes rows. */
export function describeError(error: unknown, { verbose = false } = {}): string {
  if (error instanceof pg.DatabaseError) {
    const { code, message, hint, detail, where } = error;
    const parts = [`${message} (SQLSTATE ${code})`, hint, ...(verbose ? [detail, where] : [])];
    return oneLine(parts.filter(Boolean).join(" · "));
  }
  if (error instanceof AggregateError) return oneLine(error.message || error.errors.map(String).join("; "));
  return oneLine(error instanceof Error ? error.message : String(error));
}

/**
 * An error that stopped a script before anything was touched, as what the person can mend (UserError) or can't (RunFailed).
 * What is neither, a bug of ours, comes back as it is.
 */
export function classify(error: unknown): Error {
  if (error instanceof UserError || error instanceof MustWait || error instanceof RunFailed) return error;
  const state = sqlStateOf(error) ?? "";
  const code = (error as NodeJS.ErrnoException | undefined)?.code ?? "";
  const why = describeError(error);
  if (UNREACHABLE.has(code)) return new UserError(`No server answers there (${code}). Check DATABASE_URL.`);
  if (why.startsWith("SASL")) return new UserError("The server asks for a password. Check the one in DATABASE_URL.");
  if (state.startsWith("28") || state === "3D000") return new UserError(`${why}. Check DATABASE_URL.`);
  if (state === "42501") return new UserError(`${why}. The role in DATABASE_URL needs that right.`);
  if (state === "25006")
    return new UserError(`The database is read-only: ${why}. Give the primary's URL in DATABASE_URL.`);
  if (state === "" && isConnectionLoss(error)) return new UserError(`${why}. Check DATABASE_URL.`);
  if (state !== "") return new RunFailed(why, { cause: error });
  return error instanceof Error ? error : new Error(String(error));
}

/** An error of ours has been thought about already, also where its message speaks of a connection. */
const isFinal = (error: unknown): boolean =>
  error instanceof UserError || error instanceof MustWait || error instanceof RunFailed;

/** Whether the connection broke, rather than the statement. */
export function isConnectionLoss(error: unknown): boolean {
  if (isFinal(error)) return false;
  const state = sqlStateOf(error);
  if (state !== undefined) return state.startsWith("08") || state.startsWith("57P");
  const message = error instanceof Error ? error.message : "";
  return /connection (terminated|timeout|ended)|timeout exceeded when trying to connect|ECONNRESET|EPIPE|SSL|certificate|not queryable/i.test(
    `${message} ${(error as NodeJS.ErrnoException | undefined)?.code ?? ""}`,
  );
}

const oneLine = (text: string): string => {
  const line = redact(text).replace(/\s+/g, " ").trim();
  return line.length > MAX_MESSAGE_LENGTH ? `${line.slice(0, MAX_MESSAGE_LENGTH - 1)}…` : line;
};
