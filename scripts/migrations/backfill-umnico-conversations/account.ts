/** The service, for the time of one run: asked over one connection, and for its list of dialogs once. */
import type { Database } from "../../lib/db/database.ts";
import { type Api, openApi } from "../../lib/http/api.ts";
import { type Listed, listDialogs } from "../../lib/sources/umnico/dialogs.ts";
import type { Context } from "../../lib/task.ts";
import type { Own } from "./options.ts";

/** Where the service is, unless PLAYWRIGHT_UMNICO_URL says otherwise. */
const DEFAULT_URL = "http://localhost:3001";
/** It scrolls through the whole history before it answers: up to 500 times, 5 seconds and more each. */
const TIMEOUT_MS = 3_600_000;
const HEALTH_TIMEOUT_MS = 30_000;

export interface Account {
  readonly url: string;
  /** What is asked for its health only. */
  readonly health: Api;
  readonly api: Api;
  /** Of both, since it was last asked. */
  readonly usage: Api["usage"];
  readonly list: () => Promise<Listed>;
}

interface Opened extends Account {
  readonly stop: AbortController;
}

const accounts = new WeakMap<Database, Opened>();

/** The account of this run; also a part of the run that is stopped alone stops it. */
export function accountOf({ db, options, waits, signal }: Context<Own>): Account {
  const account = accounts.get(db) ?? open({ options, waits });
  accounts.set(db, account);
  const stop = () => account.stop.abort(signal.reason);
  if (signal.aborted) stop();
  else signal.addEventListener("abort", stop, { once: true });
  return account;
}

function open({ options, waits }: Pick<Context<Own>, "options" | "waits">): Opened {
  const stop = new AbortController();
  const url = process.env.PLAYWRIGHT_UMNICO_URL || DEFAULT_URL;
  const settings = { name: "Umnico", baseUrl: url, pace: { concurrency: 1 }, options, signal: stop.signal, waits };
  const health = openApi({ ...settings, timeoutMs: HEALTH_TIMEOUT_MS });
  const api = openApi({ ...settings, timeoutMs: TIMEOUT_MS });
  let listed: Promise<Listed> | undefined;
  const list = () => {
    listed ??= listDialogs(api).catch((error: unknown) => {
      listed = undefined;
      throw error;
    });
    return listed;
  };
  return { url, health, api, list, stop, usage: () => added(health.usage(), api.usage()) };
}

type Usage = ReturnType<Api["usage"]>;

const added = (one: Usage, other: Usage): Usage => ({
  requests: one.requests + other.requests,
  waitedSeconds: one.waitedSeconds + other.waitedSeconds,
});
