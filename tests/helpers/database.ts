import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeEach } from "@jest/globals";
import pg from "pg";
import { type Address, parseAddress } from "../../scripts/lib/db/address.ts";
import { quoteName } from "../../scripts/lib/db/quote.ts";
import { type Snapshot, type SnapshotOptions, takeSnapshot } from "./snapshot.ts";

/** A connection that was just ended stands in pg_stat_activity until the server process is gone. */
const LEAK_GRACE_MS = 1_000;

/** The test's own database. Its fields change with each test: read them inside the test. */
export interface TestDatabase {
  readonly url: string;
  readonly address: Address;
  query<Row extends pg.QueryResultRow = pg.QueryResultRow>(
    sql: string,
    values?: readonly unknown[],
  ): Promise<pg.QueryResult<Row>>;
  /** Every table's rows, for "is equal to what it was". */
  snapshot(options?: SnapshotOptions): Promise<Snapshot>;
}

/**
 * Gives each test a database of its own: a clone with every migration applied, or an empty one. A test that leaves a
 * connection to it open fails.
 */
export function useDatabase({ empty = false }: { readonly empty?: boolean } = {}): TestDatabase {
  const adminUrl = process.env.TEST_ADMIN_URL ?? "";
  const template = empty ? "template0" : (process.env.TEST_TEMPLATE ?? "");
  const admin = new pg.Pool({ connectionString: adminUrl, max: 1 });
  let current: { name: string; url: string; pool: pg.Pool };

  beforeEach(async () => {
    const name = `crm_test_${randomUUID().slice(0, 13).replace("-", "")}`;
    await admin.query(`create database ${quoteName(name)} template ${quoteName(template)}`);
    const url = new URL(adminUrl);
    url.pathname = `/${name}`;
    const pool = new pg.Pool({ connectionString: url.href, max: 2 });
    // A test may end the server's side of it: what matters is whether the next query works.
    pool.on("error", () => undefined);
    current = { name, url: url.href, pool };
  });

  afterEach(async () => {
    await current.pool.end();
    const leaked = await leakedConnections(admin, current.name);
    await admin.query(`drop database if exists ${quoteName(current.name)} with (force)`);
    if (leaked.length > 0) throw new Error(`Connections were left open: ${leaked.join("; ")}`);
  });

  afterAll(() => admin.end());

  return {
    get url() {
      return current.url;
    },
    get address() {
      return parseAddress(current.url);
    },
    query: (sql, values) => current.pool.query(sql, values as unknown[] | undefined),
    snapshot: (options) => takeSnapshot(current.pool, options),
  };
}

/** What still is connected after the grace, by what it did last. */
export async function leakedConnections(admin: pg.Pool, database: string, grace = LEAK_GRACE_MS): Promise<string[]> {
  const deadline = Date.now() + grace;
  for (;;) {
    const { rows } = await admin.query<{ session: string }>(
      `select format('%s: %s', coalesce(nullif(application_name, ''), 'unnamed'), left(query, 80)) as session
         from pg_stat_activity
        where datname = $1 and backend_type = 'client backend'`,
      [database],
    );
    if (rows.length === 0 || Date.now() > deadline) return rows.map((row) => row.session);
    await sleep(20);
  }
}
