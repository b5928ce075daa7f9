/** Tries one request again where that may help, and waits as long as the service asks. */
import pRetry from "p-retry";
import { MustWait, type RunFailed } from "../errors.ts";
import { type Answer, type Asked, ownCodeIn, remarkIn } from "./answer.ts";
import { AccountRefused, ItemRefused, Unreachable } from "./errors.ts";
import type { Limiter } from "./limiter.ts";
import { namedWaitMs, TOO_MANY_REQUESTS } from "./named-wait.ts";
import { pause } from "./pause.ts";

/** Between attempts, where the service names no time; up to a quarter is added, so that clients don't come back all at once. */
const WAITS_MS = [1_000, 2_000];
const JITTER = 0.25;

const REFUSES_ACCOUNT = new Set([401, 402, 403]);

export interface Patience {
  readonly limiter: Limiter;
  readonly maxWaitMs: number;
  readonly signal: AbortSignal;
  readonly waits: (reason: string | undefined) => void;
  /** False where answers are replayed: then there is nobody to wait for. */
  readonly waiting: boolean;
  /** Between attempts, in milliseconds, where the service names no time: one fewer than there are attempts. */
  readonly retryAfterMs?: readonly number[] | undefined;
  /** Which answers another attempt will not better, though their status is that of a passing trouble. */
  readonly isFinal?: ((answer: Answer) => boolean) | undefined;
}

/** What another attempt may mend. */
class Passing extends Error {
  /** What is thrown when there is no other attempt. */
  readonly failure: RunFailed;
  readonly answer: Answer | undefined;
  constructor(failure: RunFailed, answer?: Answer) {
    super(failure.message);
    this.failure = failure;
    this.answer = answer;
  }
}

/** The first answer with a good status. Throws ItemRefused, AccountRefused, MustWait, RunFailed, or the signal's reason. */
export async function withAttempts<A extends Answer>(
  patience: Patience,
  asked: Asked,
  ask: () => Promise<A>,
): Promise<A> {
  const attempt = (number: number) =>
    patience.limiter.run(async () => toGoodAnswer(patience, asked, await ask().catch(toPassing)), {
      again: number > 1,
    });
  try {
    return await pRetry(attempt, {
      retries: waitsOf(patience).length,
      minTimeout: 0,
      onFailedAttempt: ({ error, attemptNumber }) => {
        if (error instanceof Passing) return waitAfter(error, attemptNumber, patience, asked.service);
        throw error;
      },
    });
  } catch (error) {
    patience.signal.throwIfAborted();
    throw error instanceof Passing ? error.failure : error;
  }
}

/** Connections and answers that break off may be better the next time; an answer that is too large will not be. */
function toPassing(error: unknown): never {
  const again = error instanceof Unreachable || (error instanceof ItemRefused && error.code !== "TOO_LARGE");
  throw again ? new Passing(error) : error;
}

const waitsOf = ({ retryAfterMs = WAITS_MS }: Patience): readonly number[] => retryAfterMs;

function toGoodAnswer<A extends Answer>({ isFinal }: Patience, { service, path }: Asked, answer: A): A {
  const { status } = answer;
  if (status >= 200 && status < 300) return answer;
  const message = `${service} answered ${status} for ${path}${remarkIn(answer)}.`;
  const own = ownCodeIn(answer);
  if (REFUSES_ACCOUNT.has(status)) throw new AccountRefused(message, { status, own });
  const refused = new ItemRefused(message, { code: `HTTP_${status}`, status, own });
  const passes = status === TOO_MANY_REQUESTS || status >= 500;
  if (passes && isFinal?.(answer) !== true) throw new Passing(refused, answer);
  throw refused;
}

async function waitAfter(failed: Passing, attempt: number, patience: Patience, service: string): Promise<void> {
  const { answer, failure } = failed;
  const named = answer && namedWaitMs(answer);
  const limited = answer?.status === TOO_MANY_REQUESTS || named !== undefined;
  const unnamed = waitsOf(patience)[attempt - 1];
  if (unnamed === undefined) throw answer?.status === TOO_MANY_REQUESTS ? persisting(service, named) : failure;
  if (named !== undefined && named > patience.maxWaitMs) throw tooLong(service, named, patience.maxWaitMs);
  if (!patience.waiting) return;
  const ms = named ?? unnamed * (1 + Math.random() * JITTER);
  const seconds = Math.max(1, Math.round(ms / 1_000));
  if (limited) return patience.limiter.hold(ms, `${service} asks to wait ${seconds} s`);
  patience.waits(`${failure.message.replace(/\.$/, "")}; tried again in ${seconds} s`);
  await pause(ms, patience.signal).finally(() => patience.waits(undefined));
}

function tooLong(service: string, ms: number, maxWaitMs: number): MustWait {
  const until = new Date(Date.now() + ms);
  const limit = `longer than --max-wait (${maxWaitMs / 1_000} s) allows`;
  return new MustWait(`${service} asks to wait until ${until.toISOString()}, ${limit}: run again then.`, { until });
}

function persisting(service: string, ms: number | undefined): MustWait {
  const message = `${service} still finds the requests too many`;
  if (ms === undefined) return new MustWait(`${message}: run again later.`);
  const until = new Date(Date.now() + ms);
  return new MustWait(`${message}: run again at ${until.toISOString()} or later.`, { until });
}
