/** The stores of a run: their rows, their services, where each begins. */
import { UserError } from "../../lib/errors.ts";
import { type Api, openApi } from "../../lib/http/api.ts";
import type { HttpOptions } from "../../lib/http/options.ts";
import { keepSecret } from "../../lib/report/redact.ts";
import type { SinkOptions } from "../../lib/sinks/options.ts";
import { StoreFailed } from "../../lib/sources/wildberries/steps.ts";
import type { StoreTask } from "../../lib/sources/wildberries/store.ts";
import { isHourly, readToken } from "../../lib/sources/wildberries/token.ts";
import { maskReplySigns } from "../../lib/sources/wildberries/wire.ts";
import type { Context } from "../../lib/task.ts";

const BASE_URL = "https://buyer-chat-api.wildberries.ru";
const DELAY_MS = 500;
/** What a token may do that is not a base token. */
const BURST = { requests: 10, perMs: 10_000 };

export interface Own extends HttpOptions, SinkOptions {
  readonly store?: string;
  readonly full?: boolean;
  readonly concurrency?: number;
  readonly delay?: number;
  readonly batchDelay?: number;
  readonly storeDelay?: number;
}

export interface Store extends Pick<StoreTask, "id" | "token" | "notBefore" | "openApi"> {
  /** Where its events were left; "" before the first, or where it can't be sent. */
  readonly cursor: string;
}

/** Opens services, and tells what was asked of them since it was last asked. */
export interface Services {
  open(id: string, token: string): Api;
  usage(): { requests: number; waitedSeconds: number };
}

/** The stores that have a token, or this one. */
export async function readStores(context: Context<Own>, services: Services): Promise<Store[]> {
  const { rows } = await context.db.query<{ id: string; token: string; cursor: string; next: Date | null }>(
    `select id, token, coalesce(substring(chat_cursor from '^[1-9][0-9]*$'), '') as cursor, next_request_at as next
       from (select *, coalesce(nullif(btrim(chat_api_token, E' \\t\\r\\n'), ''),
                                nullif(btrim(api_token, E' \\t\\r\\n'), '')) as token
               from stores) s
      where token is not null and ($1::text is null or id = $1)
   order by id`,
    [context.options.store ?? null],
  );
  return rows.map(({ id, token, cursor, next }) => {
    keepSecret(token);
    const notBefore = next === null ? {} : { notBefore: next };
    return { id, cursor, token: readToken(token), ...notBefore, openApi: () => services.open(id, token) };
  });
}

/** The services of a run's stores. */
export function servicesOf({ options, signal, waits }: Context<Own>): Services {
  const apis: Api[] = [];
  const everyMs = options.delay ?? DELAY_MS;
  return {
    open: (id, token) => {
      if (!/^[\x21-\x7e]+$/.test(token)) throw new StoreFailed("TOKEN", "its token holds what no token can");
      const api = openApi({
        name: `Wildberries store ${id}`,
        baseUrl: baseUrl(),
        headers: { authorization: token, accept: "application/json" },
        // Without a delay the service alone sets the pace; and one request needs no spacing.
        ...(everyMs === 0 || isHourly(readToken(token)) ? {} : { pace: { everyMs, burst: BURST } }),
        options,
        signal,
        waits,
        mask: (body) => withoutText(maskReplySigns(body), token),
      });
      apis.push(api);
      return api;
    },
    usage: () => {
      const used = apis.map((api) => api.usage());
      return {
        requests: used.reduce((sum, { requests }) => sum + requests, 0),
        waitedSeconds: used.reduce((sum, { waitedSeconds }) => sum + waitedSeconds, 0),
      };
    },
  };
}

/** A service may well repeat what it was sent. */
function withoutText(body: unknown, text: string): unknown {
  const inJson = JSON.stringify(text).slice(1, -1);
  return JSON.parse(JSON.stringify(body).replaceAll(inJson, "***"));
}

/** Throws a UserError where it is no address. */
export function baseUrl(): string {
  const url = process.env.WB_CHAT_API_URL || BASE_URL;
  if (!/^https?:$/.test(URL.canParse(url) ? new URL(url).protocol : ""))
    throw new UserError("WB_CHAT_API_URL takes an address such as https://buyer-chat-api.wildberries.ru.");
  return url;
}
