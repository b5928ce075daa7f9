/** How sources ask a service: one request after the other at its pace, tried again where that helps, checked against a schema. */
import type { z } from "zod";
import { RunFailed, UserError } from "../errors.ts";
import { keepSecret } from "../report/redact.ts";
import { nextTurn } from "../stretches.ts";
import { type Answer, type Asked, parse, readAs } from "./answer.ts";
import { type Patience, withAttempts } from "./attempts.ts";
import { connect } from "./exchange.ts";
import { Limiter, type Pace } from "./limiter.ts";
import { checkHttpOptions, type HttpOptions } from "./options.ts";
import { keeperOf, playerOf } from "./recording.ts";

const TIMEOUT_MS = 60_000;
const MAX_WAIT_MS = 60_000;
const MAX_BYTES = 128 * 1024 ** 2;

/** Headers whose values let one in. */
const AUTHORISES = /authori[sz]ation|cookie|token|key|secret/i;

type Headers = Readonly<Record<string, string>>;
export type Query = Readonly<Record<string, string | number | boolean>>;

/**
 * One account of a service. Whatever is asked throws ItemRefused where only this can't be had, AccountRefused where the account
 * may not ask, MustWait where the service wants a longer wait than is allowed, RunFailed where it can't be reached.
 */
export interface Api {
  /** GETs base + path, checked against the schema. Names within the path are encoded by the caller. */
  get<T>(path: string, schema: z.ZodType<T>, query?: Query): Promise<T>;
  /** GETs what an answer links to, verbatim; another origin is refused. */
  follow<T>(href: string, schema: z.ZodType<T>): Promise<T>;
  /** GETs base + path, and gives the answer as it came: its headers, and its text unread. */
  read(path: string, how?: { readonly query?: Query; readonly headers?: Headers }): Promise<Answer>;
  /** Since it was last asked. Waits for limits only, not ordinary spacing. */
  usage(): { requests: number; waitedSeconds: number };
}

export interface ApiSettings {
  /** In messages: "Freshchat". It also tells the recorded answers of several accounts apart. */
  readonly name: string;
  readonly baseUrl: string;
  readonly headers?: Headers;
  /** Of a whole answer, where `--timeout` does not say otherwise. */
  readonly timeoutMs?: number;
  readonly pace?: Pace;
  /** Of one answer. */
  readonly maxBytes?: number;
  /** How patiently a request is tried again. */
  readonly retries?: Pick<Patience, "retryAfterMs" | "isFinal">;
  readonly options: HttpOptions;
  /** Once it is aborted, everything rejects with its reason. */
  readonly signal: AbortSignal;
  readonly waits: (reason: string | undefined) => void;
  /** Applied to what `--record` keeps. */
  readonly mask?: (body: unknown) => unknown;
}

/** Opens an account of a service; asks nothing yet. Throws a UserError for settings that can't be used. */
export function openApi(settings: ApiSettings): Api {
  checkHttpOptions(settings.options);
  const { name: service, options, signal, waits, pace = {} } = settings;
  const base = baseOf(settings);
  const waiting = options.replay === undefined;
  const limiter = new Limiter(waiting ? pace : {}, { signal, waits });
  const maxWaitMs = options.maxWait ?? MAX_WAIT_MS;
  const patience: Patience = { limiter, maxWaitMs, signal, waits, waiting, ...settings.retries };
  let requests = 0;
  const ask = askerOf(settings, () => {
    requests += 1;
  });

  const askedOf = ({ pathname }: URL): Asked => ({ service, path: pathname });
  const read = async (url: URL, headers?: Headers) => withAttempts(patience, askedOf(url), () => ask(url, headers));
  async function readInto<T>(url: URL, schema: z.ZodType<T>): Promise<T> {
    const asked = askedOf(url);
    const answer = await withAttempts(patience, asked, async () => {
      const given = await ask(url);
      await nextTurn();
      return parse(asked, given);
    });
    await nextTurn();
    return readAs(asked, answer, schema);
  }

  return {
    get: async (path, schema, query) => readInto(targetOf(base, path, query), schema),
    follow: async (href, schema) => readInto(linkOf(service, base, href), schema),
    read: async (path, { query, headers } = {}) => read(targetOf(base, path, query), headers),
    usage: () => {
      const used = { requests, waitedSeconds: limiter.takeWaitedSeconds() };
      requests = 0;
      return used;
    },
  };
}

/** What gets one answer: over the network, kept if that is wanted, or out of a recording. */
function askerOf(settings: ApiSettings, onRequest: () => void): (url: URL, headers?: Headers) => Promise<Answer> {
  const { name: service, options, signal, timeoutMs = TIMEOUT_MS, maxBytes = MAX_BYTES, mask } = settings;
  if (options.replay !== undefined) {
    const play = playerOf({ folder: options.replay, service });
    return async (url) => {
      signal.throwIfAborted();
      onRequest();
      return play(url);
    };
  }
  const headers = headersOf(settings);
  const exchange = connect({ service, headers, timeoutMs: options.timeout ?? timeoutMs, maxBytes, signal, onRequest });
  if (options.record === undefined) return (url, more) => exchange(url, undefined, more);
  const keep = keeperOf({ folder: options.record, service }, mask);
  return async (url, more) => {
    const answer = await exchange(url, undefined, more);
    await keep(url, answer);
    return answer;
  };
}

function baseOf({ name, baseUrl }: ApiSettings): URL {
  const url = URL.canParse(baseUrl) ? new URL(baseUrl) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol))
    throw new UserError(`${name} needs an address such as https://example.com.`);
  if (url.username !== "" || url.password !== "")
    throw new UserError(`${name}: the address must not hold a user name or a password.`);
  return url;
}

function headersOf({ name, headers = {} }: ApiSettings): Headers {
  for (const [header, value] of Object.entries(headers)) {
    // node would quote the value.
    if (/[^\t\x20-\x7e]/.test(value))
      throw new UserError(`${name}: ${header} holds a character that no header may hold.`);
    if (!AUTHORISES.test(header)) continue;
    keepSecret(value);
    keepSecret(/^\w+ +(.+)$/.exec(value)?.[1]);
  }
  return { accept: "application/json", ...headers };
}

function targetOf(base: URL, path: string, query: Query = {}): URL {
  const url = new URL(`${base.origin}${base.pathname.replace(/\/+$/, "")}/${path.replace(/^\/+/, "")}`);
  for (const [name, value] of Object.entries(query)) url.searchParams.append(name, String(value));
  return url;
}

function linkOf(service: string, base: URL, href: string): URL {
  const url = URL.canParse(href, base) ? new URL(href, base) : undefined;
  if (url?.origin === base.origin && url.username === "" && url.password === "") return url;
  throw new RunFailed(
    `${service} at ${base.origin} links to another origin, ${url?.origin ?? "one that is no address"}: not followed.`,
  );
}
