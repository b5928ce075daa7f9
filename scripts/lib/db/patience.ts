import pRetry from "p-retry";
import { isTransient } from "./pg-errors.ts";

/** Some 30 seconds in all: a server that restarts is back by then. */
const BACK_OFF = { retries: 11, factor: 2, minTimeout: 50, maxTimeout: 5_000, randomize: true } as const;

export interface Patience {
  readonly signal?: AbortSignal;
  /** Told before each further attempt, and with undefined once one has succeeded after a failure. */
  readonly onWait?: (reason: unknown) => void;
  /** Further errors that may pass by themselves. */
  readonly mayPass?: (error: unknown) => boolean;
}

/**
 * Runs `work`, and again, with longer and longer waits, where it fails through nobody's fault: a serialization failure, a
 * deadlock, a lost connection, a server that is stopped. Any other error is thrown at once.
 */
export async function withPatience<T>({ signal, onWait, mayPass }: Patience, work: () => Promise<T>): Promise<T> {
  let failed = false;
  let done: { readonly result: T } | undefined;
  const passes = (error: unknown) => isTransient(error) || mayPass?.(error) === true;
  const attempt = async () => {
    done = { result: await work() };
  };
  const options = {
    ...BACK_OFF,
    ...(signal === undefined ? {} : { signal }),
    shouldRetry: ({ error }: { error: unknown }) => passes(error),
    onFailedAttempt: ({ error }: { error: unknown }) => {
      failed = true;
      if (passes(error)) onWait?.(error);
    },
  };
  await pRetry(attempt, options).catch((error: unknown) => {
    // Where the signal came while the work was being done, its result still counts.
    if (done === undefined) throw error;
  });
  if (failed) onWait?.(undefined);
  if (done === undefined) throw new Error("An attempt ended without a result.");
  return done.result;
}
