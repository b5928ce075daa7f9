/** A source behind PostgREST: a database of the test's own, the stand-in before it, and the target in another schema of it. */
import { afterEach } from "@jest/globals";
import pg from "pg";
import { openDatabase } from "../../../../scripts/lib/db/database.ts";
import { quoteName } from "../../../../scripts/lib/db/quote.ts";
import { inTransaction } from "../../../../scripts/lib/db/transaction.ts";
import type { Key, KeyRange, Table } from "../../../../scripts/lib/move/catalog-types.ts";
import { openPostgrest, type PostgrestSource } from "../../../../scripts/lib/move/postgrest/source.ts";
import type { TargetConnection } from "../../../../scripts/lib/move/source.ts";
import type { TestDatabase } from "../../../helpers/database.ts";
import { type Postgrest, SERVICE_KEY, startPostgrest, type Variant } from "../../../helpers/stand-ins/postgrest.ts";

export const TARGET = "moved";

type Settings = Partial<Parameters<typeof openPostgrest>[0]>;

export interface Service extends Postgrest {
  readonly said: string[];
  readonly stop: AbortController;
  open(settings?: Settings): Promise<PostgrestSource>;
}

const started: Postgrest[] = [];

afterEach(async () => {
  for (const service of started.splice(0)) await service.close();
});

/** Starts the stand-in before the test's database. The test's end closes it. */
export async function startService(db: TestDatabase, variant: Variant = {}): Promise<Service> {
  const service = await startPostgrest(db.url, variant);
  started.push(service);
  const said: string[] = [];
  const stop = new AbortController();
  const open = (settings: Settings = {}) =>
    openPostgrest({
      url: service.url,
      key: SERVICE_KEY,
      schema: variant.schema,
      retryAfterMs: [10, 20],
      signal: stop.signal,
      waits: (reason) => said.push(reason ?? ""),
      ...settings,
    });
  return Object.assign(service, { said, stop, open });
}

export const whole = (table: string): KeyRange => ({ table, after: null, until: null });

/** The table of this name, as the source describes it. */
export async function tableOf(source: PostgrestSource, name: string): Promise<Table> {
  const table = (await source.catalog()).tables.find((one) => one.name === name);
  if (table === undefined) throw new Error(`${name} is not described.`);
  return table;
}

/** Loads pages of a range until there are no more, as a copy does, and returns where each of them ended. */
export async function copy(
  db: TestDatabase,
  source: PostgrestSource,
  table: Table,
  items = 100,
): Promise<{ rows: number; pages: Key[] }> {
  const pages: Key[] = [];
  let rows = 0;
  await onTarget(db, async (tx) => {
    await tx.query("set local session_replication_role = replica"); // in the order of names, not of foreign keys
    const into = `${quoteName(TARGET)}.${quoteName(table.name)}`;
    for (let range = whole(table.name); ; ) {
      const cut = await source.cut(table, range, items);
      if (cut === undefined) return;
      rows += await source.load(tx, table, { ...range, until: cut.until }, into);
      pages.push(cut.until);
      range = { ...range, after: cut.until };
    }
  });
  return { rows, pages };
}

export async function onTarget<T>(db: TestDatabase, work: (tx: TargetConnection) => Promise<T>): Promise<T> {
  const target = openDatabase(db.address);
  try {
    return await inTransaction(target, {}, work);
  } finally {
    await target.close();
  }
}

/** Rows of the one that the other lacks, as PostgreSQL writes them, byte by byte; both ways. */
export async function difference(db: TestDatabase, source: string, table: string): Promise<string[]> {
  const pool = new pg.Client(db.url);
  await pool.connect();
  try {
    const [one, other] = [source, TARGET].map(
      (schema) => `select t::text as row from ${quoteName(schema)}.${quoteName(table)} t`,
    );
    const { rows } = await pool.query<{ row: string }>(
      `(${one} except all ${other}) union all (${other} except all ${one})`,
    );
    return rows.map(({ row }) => row);
  } finally {
    await pool.end();
  }
}
