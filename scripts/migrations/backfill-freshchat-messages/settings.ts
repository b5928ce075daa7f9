/** What a run of batch 7 works with: options before the environment, the environment before what is usual. */
import { wholeNumber } from "../../lib/cli/values.ts";
import { UserError } from "../../lib/errors.ts";
import { type Delays, NO_DELAYS } from "../../lib/sources/freshchat/pace.ts";
import type { Window } from "../../lib/sources/freshchat/window.ts";
import { MOST_BATCH_SIZE, MOST_DELAY_MS, type Own } from "./options.ts";

type Environment = Readonly<Record<string, string | undefined>>;

export interface Settings {
  /** Up to, and without, /v2. */
  readonly baseUrl: string;
  /** Undefined only where answers are replayed. */
  readonly token: string | undefined;
  readonly delays: Delays;
  readonly window: Window;
  readonly verbose: boolean;
}

/** Where a replay takes its answers from does not matter; it is never asked. */
const NOWHERE = "https://freshchat.invalid";

/** Throws a UserError that names the variable or the option to mend. */
export function settingsOf(options: Own & { readonly verbose: boolean }, env: Environment): Settings {
  const replayed = options.replay !== undefined;
  const token = textIn(env, "FRESHCHAT_TOKEN");
  if (token === undefined && !replayed)
    throw new UserError("FRESHCHAT_TOKEN is not set: give it the API token of the Freshchat account.");
  return {
    baseUrl: baseUrlIn(env) ?? (replayed ? NOWHERE : missingAddress()),
    token: token?.replace(/^bearer\s+/i, ""),
    delays: replayed ? NO_DELAYS : delaysOf(options, env),
    window: windowOf(options),
    verbose: options.verbose || switchedOn(env, "VERBOSE_LOG"),
  };
}

function missingAddress(): never {
  throw new UserError(
    "FRESHCHAT_DOMAIN is not set: give it the host, such as acme.freshchat.com, or the account's name, or FRESHCHAT_URL another address.",
  );
}

/** FRESHCHAT_URL goes before FRESHCHAT_DOMAIN, which is a host or the name of an account. */
function baseUrlIn(env: Environment): string | undefined {
  const url = textIn(env, "FRESHCHAT_URL");
  if (url !== undefined) return address("FRESHCHAT_URL", url);
  const domain = textIn(env, "FRESHCHAT_DOMAIN");
  if (domain === undefined) return undefined;
  const host = domain.replace(/^https:\/\//i, "").replace(/\/.*$/, "");
  if (!/^[a-z0-9][a-z0-9-]*(\.[a-z0-9][a-z0-9-]*)*(:\d+)?$/i.test(host))
    throw new UserError(
      `FRESHCHAT_DOMAIN takes a host such as acme.freshchat.com, or the account's name, not "${domain}".`,
    );
  return address("FRESHCHAT_DOMAIN", `https://${/[.:]/.test(host) ? host : `${host}.freshchat.com`}`);
}

function address(variable: string, text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.search !== "" || url.hash !== "")
    throw new UserError(`${variable} takes an address such as https://acme.freshchat.com, without /v2.`);
  return url.href.replace(/\/+$/, "").replace(/\/v2$/, "");
}

const delaysOf = (options: Own, env: Environment): Delays => ({
  batchSize: options.batchSize ?? numberIn(env, "BATCH_SIZE", { min: 1, max: MOST_BATCH_SIZE }) ?? 50,
  conversation: options.rateLimitDelay ?? delayIn(env, "RATE_LIMIT_DELAY") ?? 1_000,
  batch: options.batchDelay ?? delayIn(env, "BATCH_DELAY") ?? 5_000,
  page: options.pageDelay ?? delayIn(env, "PAGE_DELAY") ?? 500,
});

function windowOf({ since, until, noPrivate = false }: Own): Window {
  if (since !== undefined && until !== undefined && Date.parse(since) > Date.parse(until))
    throw new UserError("--since is later than --until.");
  return { since: msOf(since), until: msOf(until), withoutPrivate: noPrivate };
}

const msOf = (time: string | undefined): number | undefined => (time === undefined ? undefined : Date.parse(time));

const delayIn = (env: Environment, name: string) => numberIn(env, name, { min: 0, max: MOST_DELAY_MS });

function numberIn(env: Environment, name: string, bounds: { min: number; max: number }): number | undefined {
  return wholeNumber(name, bounds).coerce?.(textIn(env, name));
}

function switchedOn(env: Environment, name: string): boolean {
  const text = textIn(env, name)?.toLowerCase() ?? "false";
  if (text !== "true" && text !== "false") throw new UserError(`${name} is true or false, not "${env[name]}".`);
  return text === "true";
}

/** A variable that is set to nothing counts as not set. */
const textIn = (env: Environment, name: string): string | undefined => env[name]?.trim() || undefined;
