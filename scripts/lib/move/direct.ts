/** A source that is read by SQL, from one moment of it: pages are cut along the primary key, and stream as COPY's text. */
import type pg from "pg";
import { to } from "pg-copy-streams";
import type { Address } from "../db/address.ts";
import { copyIn } from "../db/copy.ts";
import type { Queryable } from "../db/database.ts";
import { quoteName } from "../db/quote.ts";
import { readCatalogIn } from "./catalog.ts";
import { type Key, type KeyRange, keyOf, type Table } from "./catalog-types.ts";
import type { Form } from "./copy/form.ts";
import { SnapshotPool } from "./direct/snapshot.ts";
import { keysCondition, listNames, rangeCondition } from "./range-sql.ts";
import type { Cut, Source, TargetConnection } from "./source.ts";

/** Keys that one statement names: its text stays under a megabyte or so. */
const KEYS_AT_A_TIME = 5_000;

/** A direct source says besides how many moments of the database its connections have seen. */
export interface DirectSource extends Source {
  readonly kind: "direct";
  readonly moments: () => number;
  /** A connection that sees the same moment as the others, READ ONLY, for the time of `work`. */
  read<T>(work: (tx: Queryable) => Promise<T>): Promise<T>;
}

/** Reads a schema of a database. Connects only when it is first asked. */
export function openDirectSource(address: Address, schema: string): DirectSource {
  const pool = new SnapshotPool(address, schema);
  const nameOf = (table: Table) => `${quoteName(schema)}.${quoteName(table.name)}`;
  const pour = (tx: TargetConnection, table: Table, into: string, condition: string, form: Form = "text") => {
    const columns = listNames(table.columns.map(({ name }) => name));
    const how = `with (format ${form})`;
    const read = `copy (select ${columns} from ${nameOf(table)} where ${condition}) to stdout ${how}`;
    return pool.use((client) =>
      copyIn(tx, `copy ${into} ${columns && `(${columns})`} from stdin ${how}`, client.query(to(read))),
    );
  };
  const count = (table: Table, range: KeyRange) =>
    pool.use((client) => countRange(client, nameOf(table), table, range));
  // In one moment a table has one number of rows: the plan asks for it, the copy, and each of its workers.
  const counted = new Map<string, number>();
  const countWhole = async (table: Table, range: KeyRange): Promise<number> => {
    const { moment } = pool;
    const key = `${moment} ${table.name}`;
    const rows = counted.get(key) ?? (await count(table, range));
    if (moment !== undefined && moment === pool.moment) counted.set(key, rows);
    return rows;
  };
  return {
    kind: "direct",
    display: address.display,
    moments: () => pool.moments,
    read: (work) => pool.use((client) => work(client as Queryable)),
    catalog: () => pool.use((client) => readCatalogIn(client, schema)),
    count: (table, range) => (isWhole(range) ? countWhole : count)(table, range),
    cut: (table, range, items) => pool.use((client) => cutRange(client, nameOf(table), { table, range, items })),
    keys: (table, range) => pool.use((client) => keysOfRange(client, nameOf(table), table, range)),
    load: (tx, table, range, into, form) => pour(tx, table, into, rangeCondition(keyOf(table), range), form),
    loadKeys: async (tx, table, keys, into) => {
      let rows = 0;
      for (let first = 0; first < keys.length; first += KEYS_AT_A_TIME) {
        const condition = keysCondition(keyOf(table), keys.slice(first, first + KEYS_AT_A_TIME));
        rows += await pour(tx, table, into, condition);
      }
      return rows;
    },
    close: () => pool.close(),
  };
}

const isWhole = ({ after, until, since }: KeyRange): boolean => after === null && until === null && since === undefined;

async function countRange(client: pg.Client, from: string, table: Table, range: KeyRange): Promise<number> {
  const condition = rangeCondition(keyOf(table), range);
  return Number((await ask(client, `select count(*) from ${from} where ${condition}`))[0]?.[0]);
}

/** The row at a full page's end is found without counting; only the last page, which is shorter, is counted. */
async function cutRange(
  client: pg.Client,
  from: string,
  { table, range, items }: { readonly table: Table; readonly range: KeyRange; readonly items: number },
): Promise<Cut | undefined> {
  const key = keyOf(table);
  const condition = rangeCondition(key, range);
  if (key.length === 0) {
    const rows = range.after === null ? await countRange(client, from, table, range) : 0;
    return rows === 0 ? undefined : { until: [], rows };
  }
  const columns = listNames(key);
  const ordered = `select ${columns} from ${from} where ${condition} order by ${columns}`;
  const [end] = await ask(client, `${ordered} offset ${Math.max(1, items) - 1} limit 1`);
  if (end !== undefined) return { until: end, rows: Math.max(1, items) };
  const backwards = key.map((name) => `${quoteName(name)} desc`).join(", ");
  const [last] = await ask(
    client,
    `with page as (${ordered}) select ${columns}, (select count(*) from page) from page order by ${backwards} limit 1`,
  );
  return last && { until: last.slice(0, -1), rows: Number(last.at(-1)) };
}

function keysOfRange(client: pg.Client, from: string, table: Table, range: KeyRange): Promise<Key[]> {
  const key = keyOf(table);
  if (key.length === 0) return Promise.resolve([]);
  const columns = listNames(key);
  return ask(client, `select ${columns} from ${from} where ${rangeCondition(key, range)} order by ${columns}`);
}

/** Rows as PostgreSQL writes them: no value becomes a number or a date. */
async function ask(client: pg.Client, sql: string): Promise<string[][]> {
  const types = { getTypeParser: () => (text: string) => text };
  const { rows } = await client.query({ text: sql, rowMode: "array", types });
  return rows;
}
