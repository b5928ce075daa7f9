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

export interface Account {
  readonly url: string;
  readonly api: Api;
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
  const api = openApi({
    name: "Umnico",
    baseUrl: url,
    timeoutMs: TIMEOUT_MS,
    pace: { concurrency: 1 },
    options,
    signal: stop.signal,
    waits,
  });
  let listed: Promise<Listed> | undefined;
  const list = () => {
    listed ??= listDialogs(api).catch((error: unknown) => {
      listed = undefined;
      throw error;
    });
    return listed;
  };
  return { url, api, list, stop };
}
