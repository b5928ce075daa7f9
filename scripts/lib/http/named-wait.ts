/** How long a service wants a client to wait. */
import type { Answer } from "./answer.ts";

export const TOO_MANY_REQUESTS = 429;

/** A number above it is a Unix time; below it, a number of seconds from now. */
const SECONDS_OF_2001 = 1_000_000_000;
/** A Unix time above it is in milliseconds. */
const SECONDS_OF_5138 = 100_000_000_000;
/** No limit lasts longer than a year: such a number means something else, and would keep every later run away. */
const LONGEST_MS = 366 * 86_400_000;

/**
 * Milliseconds, as the headers of an answer name them; undefined where they name none, or one that is over. Times are compared with
 * the service's own clock where it sends its time, as ours may differ. Some services send the state of their limits with every
 * answer: it counts only where the limit is why there was no better one.
 */
export function namedWaitMs({ status, headers }: Omit<Answer, "text">): number | undefined {
  const now = timeOf(headers.date) ?? Date.now();
  const after = headers["retry-after"];
  const asked = inFuture(secondsOf(after)) ?? inFuture((timeOf(after) ?? now) - now);
  if (status !== TOO_MANY_REQUESTS) return asked;
  const limit = inFuture(secondsOf(headers["x-ratelimit-retry"]));
  return asked ?? limit ?? inFuture(untilReset(headers["x-ratelimit-reset"], now));
}

/** Some services write when the limit is lifted, others in how many seconds. */
function untilReset(text: string | undefined, now: number): number | undefined {
  const ms = secondsOf(text);
  if (ms === undefined || ms < SECONDS_OF_2001 * 1_000) return ms;
  return (ms < SECONDS_OF_5138 * 1_000 ? ms : ms / 1_000) - now;
}

const secondsOf = (text: string | undefined): number | undefined =>
  text !== undefined && /^\s*\d+(\.\d+)?\s*$/.test(text) ? Number(text) * 1_000 : undefined;

/** An HTTP date always has a letter in it; without one, `Date` would make something of a number, too. */
function timeOf(text: string | undefined): number | undefined {
  const time = text !== undefined && /[a-z]/i.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(time) ? undefined : time;
}

const inFuture = (ms: number | undefined): number | undefined =>
  ms !== undefined && ms > 0 && ms <= LONGEST_MS ? ms : undefined;
