/** A database behind PostgREST, as Supabase offers it. Bodies go to PostgreSQL as they come. */
import { RunFailed } from "../../errors.ts";
import { type Key, type KeyRange, keyOf, type Table } from "../catalog-types.ts";
import type { Cut, Source, TargetConnection } from "../source.ts";
import { Ahead } from "./ahead.ts";
import { readCatalog } from "./catalog.ts";
import { type Client, openClient } from "./client.ts";
import { Following } from "./following.ts";
import { Pages, type What } from "./pages.ts";
import { amongKeys, conditionsOf, keysIn, lastKeyIn, nameIn, selectionOf } from "./query.ts";
import type { PostgrestSettings } from "./root.ts";
import { store, storingOf } from "./store.ts";

/** Larger stretches are measured, not read. */
const MOST_AHEAD = 10_000;

/** Gateways refuse longer addresses; the columns take their part of it, too. */
const MOST_KEY_CHARACTERS = 3_000;

export interface PostgrestSource extends Source {
  readonly kind: "postgrest";
  readonly client: Client;
}

/** Opens it. `ahead` says what a page that is cut will be asked for next: a dry run wants keys only. */
export async function openPostgrest({
  ahead = "rows",
  ...settings
}: PostgrestSettings & { readonly ahead?: What }): Promise<PostgrestSource> {
  const closing = new AbortController();
  const client = await openClient({ ...settings, signal: AbortSignal.any([settings.signal, closing.signal]) });
  const pages = new Pages(client);
  const following = new Following((table, range, items) => pages.first(table, range, ahead, { items }));
  const kept = new Ahead();

  async function cut(table: Table, range: KeyRange, items: number): Promise<Cut | undefined> {
    if (items > MOST_AHEAD && keyOf(table).length > 0) return skip(client, table, range, items);
    const page = await following.page(table, range, items);
    if (page === undefined) return undefined;
    kept.keep({ ...range, until: page.until }, columnsOf(table, ahead), page);
    return { until: page.until, rows: page.rows };
  }

  async function* read(table: Table, range: KeyRange, what: What) {
    const page = kept.take(range, columnsOf(table, what));
    if (page === undefined) yield* pages.all(table, range, what);
    else yield page;
  }

  async function load(tx: TargetConnection, table: Table, range: KeyRange, into: string): Promise<number> {
    const storing = await storingOf(tx, table, into);
    let rows = 0;
    for await (const page of read(table, range, "rows")) {
      await store(tx, storing, page);
      rows += page.rows;
    }
    return rows;
  }

  return {
    kind: "postgrest",
    display: client.display,
    client,
    catalog: () => readCatalog(client, settings.schema),
    count: (table, range) => count(client, table, range),
    cut,
    keys: async (table, range) => {
      const keys: Key[] = [];
      if (keyOf(table).length === 0) return keys;
      for await (const { text } of read(table, range, "keys")) keys.push(...(keysIn(text) ?? refuse(table)));
      return keys;
    },
    load,
    loadKeys: async (tx, table, keys, into) => {
      const storing = await storingOf(tx, table, into);
      let rows = 0;
      for (const some of inAddresses(keys)) {
        const where = [amongKeys(keyOf(table), some)];
        for await (const page of pages.all(table, { table: table.name, after: null, until: null }, "rows", { where })) {
          await store(tx, storing, page);
          rows += page.rows;
        }
      }
      return rows;
    },
    close: async () => closing.abort(new RunFailed("The source was closed.")),
  };
}

const columnsOf = (table: Table, what: What): string =>
  what === "keys" ? what : JSON.stringify(table.columns.map(({ name }) => name));

async function count(client: Client, table: Table, range: KeyRange): Promise<number> {
  const isOpen = range.after === null && range.until === null && range.since === undefined;
  const where = isOpen ? [] : conditionsOf(table, range);
  const select = nameIn(table.columns[0]?.name ?? "*");
  const { total } = await client.rows(table.name, { select, where, limit: 1, count: "exact" });
  return total ?? refuse(table);
}

/** The key so many rows on, or the last one. */
async function skip(client: Client, table: Table, range: KeyRange, items: number): Promise<Cut | undefined> {
  const where = conditionsOf(table, range);
  const found = await client.rows(table.name, { ...selectionOf(table, []), where, limit: 1, offset: items - 1 });
  if (found.rows > 0) return { until: lastKeyIn(found.text) ?? refuse(table), rows: items };
  const backwards = selectionOf(table, [], "desc");
  const last = await client.rows(table.name, { ...backwards, where, limit: 1, count: "exact" });
  return last.rows === 0
    ? undefined
    : { until: lastKeyIn(last.text) ?? refuse(table), rows: last.total ?? refuse(table) };
}

/** As many keys at a time as an address has room for. */
function* inAddresses(keys: readonly Key[]): Generator<Key[]> {
  let some: Key[] = [];
  let characters = 0;
  for (const key of keys) {
    const length = encodeURIComponent(key.join("")).length + 20 * key.length;
    if (some.length > 0 && characters + length > MOST_KEY_CHARACTERS) {
      yield some;
      [some, characters] = [[], 0];
    }
    some.push(key);
    characters += length;
  }
  if (some.length > 0) yield some;
}

function refuse(table: Table): never {
  throw new RunFailed(`PostgREST did not answer for ${table.name} what it was asked.`);
}
