/** One request and its whole answer, over the network. */
import { Agent } from "undici";
import { RunFailed } from "../errors.ts";
import type { Answer, Asked } from "./answer.ts";
import { ItemRefused } from "./errors.ts";
import { networkFailure } from "./network.ts";

const MOST_REDIRECTS = 5;
const CONNECT_MS = 10_000;

/** In an answer's status: look elsewhere. */
const REDIRECTS = new Set([301, 302, 303, 307, 308]);

export interface Exchange {
  readonly service: string;
  readonly headers: Headers;
  /** Of a whole answer, redirects included. */
  readonly timeoutMs: number;
  readonly maxBytes: number;
  readonly signal: AbortSignal;
  /** Told of each request, also of those that a redirect makes. */
  readonly onRequest: () => void;
}

type Headers = Readonly<Record<string, string>>;

/** GETs, or, with a body, POSTs it as JSON. `more` are headers of this request, besides those of all. */
type Reads = (url: URL, body?: string, more?: Headers) => Promise<Answer>;

/**
 * Connections to one service. Only our own time-out counts, as some answers begin after minutes. There is nothing to be closed:
 * idle connections don't keep the process alive, and end by themselves after some seconds.
 */
export function connect(exchange: Exchange): Reads {
  const dispatcher = new Agent({
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: { timeout: CONNECT_MS },
    keepAliveTimeout: 4_000,
    keepAliveMaxTimeout: 10_000,
  });
  return (url, body, more = {}) => {
    const headers = { ...exchange.headers, ...more };
    return inTime(exchange, url, (signal) => read(exchange, dispatcher, { url, body, headers, signal }));
  };
}

const askedOf = ({ service }: Exchange, { pathname }: URL): Asked => ({ service, path: pathname });

/** Rejects with the signal's reason once it is aborted, and with ItemRefused or RunFailed for whatever else goes wrong. */
async function inTime<T>(exchange: Exchange, url: URL, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const { signal, timeoutMs, service } = exchange;
  signal.throwIfAborted();
  const stop = new AbortController();
  const onAbort = () => stop.abort();
  signal.addEventListener("abort", onAbort);
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    stop.abort();
  }, timeoutMs);
  try {
    return await work(stop.signal);
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof RunFailed) throw error;
    if (late) {
      const message = `${service} did not answer ${url.pathname} within ${timeoutMs / 1_000} s.`;
      throw new ItemRefused(message, { code: "TIMEOUT" });
    }
    throw networkFailure(error, askedOf(exchange, url), url.origin) ?? error;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", onAbort);
  }
}

async function read(
  exchange: Exchange,
  dispatcher: Agent,
  { url, body, headers, signal }: { url: URL; body: string | undefined; headers: Headers; signal: AbortSignal },
): Promise<Answer> {
  const { service, onRequest, maxBytes } = exchange;
  let at = url;
  for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects += 1) {
    onRequest();
    // Node's types know only the dispatcher of the undici that comes with it.
    const init = { ...methodOf(body), headers, signal, redirect: "manual", dispatcher } as unknown as RequestInit;
    const response = await fetch(at, init);
    if (!REDIRECTS.has(response.status)) {
      const text = await readText(response, maxBytes, askedOf(exchange, url));
      return { status: response.status, headers: Object.fromEntries(response.headers), text };
    }
    await response.body?.cancel();
    at = targetOf(response, at, askedOf(exchange, url));
  }
  throw new RunFailed(`${service} redirects ${url.pathname} more than ${MOST_REDIRECTS} times.`);
}

const methodOf = (body: string | undefined) => (body === undefined ? {} : { method: "POST", body });

/** The headers say who we are: another origin must not learn it. */
function targetOf({ headers, status }: Response, at: URL, { service, path }: Asked): URL {
  const location = headers.get("location") ?? "";
  const target = location !== "" && URL.canParse(location, at) ? new URL(location, at) : undefined;
  if (target === undefined)
    throw new RunFailed(`${service} answered ${status} for ${path} without saying where to look.`);
  if (target.origin === at.origin) return target;
  throw new RunFailed(`${service} at ${at.origin} redirects to another origin, ${target.origin}: not followed.`);
}

async function readText(response: Response, maxBytes: number, { service, path }: Asked): Promise<string> {
  const refusal = () => {
    const message = `${service} answered ${path} with more than ${maxBytes} bytes.`;
    return new ItemRefused(message, { code: "TOO_LARGE", status: response.status });
  };
  if (Number(response.headers.get("content-length")) > maxBytes) {
    await response.body?.cancel();
    throw refusal();
  }
  const decoder = new TextDecoder();
  const pieces: string[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    // Leaving the loop ends the connection.
    if (bytes > maxBytes) throw refusal();
    pieces.push(decoder.decode(chunk, { stream: true }));
  }
  return pieces.join("") + decoder.decode();
}
