/** Finds where below an address PostgREST answers. */
import { z } from "zod";
import { RunFailed } from "../../errors.ts";
import { ownCodeIn } from "../../http/answer.ts";
import { type Api, openApi } from "../../http/api.ts";
import { ItemRefused } from "../../http/errors.ts";
import type { HttpOptions } from "../../http/options.ts";
import type { ApiKey } from "./api-key.ts";
import { explain } from "./refusals.ts";

const MAX_BYTES = 64 * 1024 ** 2;
/** Some half a minute in all: a gateway that is restarted is back by then. */
const RETRY_AFTER_MS = [1_000, 2_000, 4_000, 8_000, 15_000];
/** Secret keys are refused where this looks like a browser's. */
const USER_AGENT = "crm-migrations";

/** The statement took longer than the role is allowed: it will the next time, too. */
const STATEMENT_TIMEOUT = "57014";

export interface PostgrestSettings {
  /** As SUPABASE_URL has it. */
  readonly url: string;
  readonly key: string;
  /** The one that is exposed first, unless given. */
  readonly schema?: string | undefined;
  /** How many requests may be under way at the same time. */
  readonly connections?: number;
  readonly options?: Pick<HttpOptions, "maxWait" | "timeout">;
  readonly retryAfterMs?: readonly number[];
  readonly maxBytes?: number;
  readonly signal: AbortSignal;
  readonly waits: (reason: string | undefined) => void;
}

/** An account, and what its root says: the API's description, or why there is none. */
export interface Root {
  readonly api: Api;
  readonly description: () => unknown;
}

/** Supabase's is at /rest/v1; one that stands alone is at the root. An address that names a path is taken at its word. */
export async function findRoot(settings: PostgrestSettings, key: ApiKey): Promise<Root> {
  const url = URL.canParse(settings.url) ? new URL(settings.url) : undefined;
  const named = url !== undefined && url.pathname !== "/";
  const bases = named || url === undefined ? [settings.url] : [`${url.origin}/rest/v1`, url.origin];
  let failure: unknown;
  for (const base of bases) {
    const api = apiAt(base, settings, key);
    try {
      const description = await api.get("", z.unknown());
      return { api, description: () => description };
    } catch (error) {
      // One that answers in its own words is there, and keeps its description to itself.
      if (isDescriptionOff(error)) return { api, description: () => explain(error, undefined) };
      if (!(error instanceof ItemRefused && error.status === 404)) explain(error, undefined);
      failure = error;
    }
  }
  throw new RunFailed(`No PostgREST answers at ${new URL(settings.url).origin}. Check SUPABASE_URL.`, {
    cause: failure,
  });
}

const isDescriptionOff = (error: unknown): boolean => error instanceof ItemRefused && error.own === "PGRST126";

function apiAt(baseUrl: string, settings: PostgrestSettings, { headers }: ApiKey): Api {
  const { schema, connections = 8, retryAfterMs = RETRY_AFTER_MS, maxBytes = MAX_BYTES, signal, waits } = settings;
  return openApi({
    name: "PostgREST",
    baseUrl,
    headers: { ...headers, "user-agent": USER_AGENT, ...(schema === undefined ? {} : { "accept-profile": schema }) },
    pace: { concurrency: connections },
    maxBytes,
    retries: { retryAfterMs, isFinal: (answer) => ownCodeIn(answer) === STATEMENT_TIMEOUT },
    options: settings.options ?? {},
    signal,
    waits,
  });
}
