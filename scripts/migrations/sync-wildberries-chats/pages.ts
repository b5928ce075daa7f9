/** The pages of a sync: of all stores' steps, or of the items in quarantine. */
import { collect } from "../../lib/collect.ts";
import { MustWait, RunFailed } from "../../lib/errors.ts";
import { namedItems, wantedOf } from "../../lib/sources/wildberries/named.ts";
import { DONE } from "../../lib/sources/wildberries/steps.ts";
import { openFor, type StoreTask } from "../../lib/sources/wildberries/store.ts";
import { isFull, isOf, standOf, syncStores } from "../../lib/sources/wildberries/sync.ts";
import type { Context, Cursor, Demand, Ended, Span } from "../../lib/task.ts";
import type { ThreadPage } from "../../lib/thread.ts";
import { type Own, readStores, type Store, servicesOf } from "./stores.ts";

export const CONCURRENCY = 3;
export const BATCH_DELAY_MS = 2_000;
export const STORE_DELAY_MS = 5_000;

/** What all stores have, page by page. */
export async function* storePages(
  context: Context<Own>,
  { after }: Span,
  demand: Demand,
): AsyncGenerator<ThreadPage, Ended> {
  const { options, signal } = context;
  const run = String(context.runId);
  const services = servicesOf(context);
  const full = options.full === true;
  // An ordinary run begins where each store says, a full one where one before it stopped: so neither keeps the other back.
  const start = isOf(run, after) || (full && isFull(after)) ? (after ?? {}) : {};
  const stores = await readStores(context, services);
  const tasks = stores.flatMap((store) => taskOf(store, { start, run, full }));
  const place = { withinStep: false };
  const source = syncStores(tasks, {
    run,
    start,
    full,
    signal,
    concurrency: options.concurrency ?? CONCURRENCY,
    storeDelayMs: options.storeDelay ?? STORE_DELAY_MS,
    batchDelayMs: options.batchDelay ?? BATCH_DELAY_MS,
    mayAsk: () => demand.left-- > 0,
    say: (line) => context.say(`  ${line}`),
    within: (step) => {
      place.withinStep = step;
    },
  });
  // A page of a stream is stored as a whole, with its cursor: none is fetched twice.
  const whole = {
    get items() {
      return place.withinStep ? Number.POSITIVE_INFINITY : demand.items;
    },
  };
  return yield* collect(source, { demand: whole, start, usage: () => ({ ...services.usage() }) });
}

function taskOf(store: Store, { start, run, full }: { start: Cursor; run: string; full: boolean }): StoreTask[] {
  const stands = standOf(start, store.id);
  if (stands === DONE) return [];
  const from = stands ?? (full ? "" : store.cursor);
  const kind: "full" | "incremental" = full || from === "" ? "full" : "incremental";
  return [{ ...store, from, kind, begun: stands !== undefined && isOf(run, start) }];
}

/** The items with these keys. A store that can't be asked keeps its items: those of the others are tried first. */
export async function* quarantinedItems(
  context: Context<Own>,
  keys: readonly string[],
): AsyncGenerator<ThreadPage, Ended> {
  const services = servicesOf(context);
  const stores = new Map((await readStores(context, services)).map((store) => [store.id, store]));
  const { wanted, strange } = wantedOf(keys, [...stores.keys()]);
  const failures: unknown[] = [];
  for (const one of wanted) {
    const store = stores.get(one.store);
    if (store === undefined) continue;
    try {
      for await (const page of namedItems(openFor(store), one, async () => undefined))
        yield { ...page, counters: { ...services.usage() } };
    } catch (error) {
      context.signal.throwIfAborted();
      if (!(error instanceof MustWait || error instanceof RunFailed)) throw error;
      context.say(`  store ${store.id}: ${error.message}`);
      failures.push(error);
    }
  }
  const [failure] = failures.sort((a, b) => Number(a instanceof MustWait) - Number(b instanceof MustWait));
  if (failure !== undefined) throw failure;
  if (strange.length > 0)
    throw new RunFailed(
      `${strange.length} quarantined items belong to stores without a token; the first: ${strange[0]}`,
    );
  return "end";
}
