import pg from "pg";
import type { Address } from "./address.ts";
import { sqlStateOf } from "./pg-errors.ts";
import { quoteName } from "./quote.ts";

/** Whatever answers a query: a pool, or the one connection of a transaction. */
export interface Queryable {
  query<Row extends pg.QueryResultRow = pg.QueryResultRow>(
    sql: string,
    values?: readonly unknown[],
  ): Promise<pg.QueryResult<Row>>;
}

/** A pool of connections to the one database that a run is about. */
export interface Database extends Queryable {
  readonly address: Address;
  readonly readOnly: boolean;
  /** What the shared Prisma client is given, too. */
  readonly pool: pg.Pool;
  close(): Promise<void>;
}

const INVALID_PARAMETER_VALUE = "22023";
/** A database's own are meant for its users: the connection that holds the run's lock is idle for hours. */
const NO_TIMEOUTS = ["statement_timeout = 0", "idle_session_timeout = 0", "idle_in_transaction_session_timeout = 0"];

/** A page's rows are to fit into memory; a server that allows more is left alone. */
const MORE_MEMORY = `select set_config('work_mem', '32MB', false)
                       from pg_settings
                      where name = 'work_mem' and setting::bigint < 32 * 1024`;

/** What all our sessions are called in pg_stat_activity. */
export const APPLICATION_NAME = "crm-migrations";

/** Opens a pool; connects only when it is first asked. With `readOnly`, PostgreSQL refuses whatever would write. */
export function openDatabase(address: Address, { max = 4, readOnly = false } = {}): Database {
  const onConnect = (client: pg.ClientBase) => prepareSession(client, address, readOnly);
  const pool = new pg.Pool({ ...clientConfig(address), max, onConnect, Client: SafeClient });
  // An idle connection that breaks is replaced; one that breaks at work rejects the query it was busy with.
  pool.on("error", () => undefined);
  return {
    address,
    readOnly,
    pool,
    query: (sql, values) => pool.query(sql, values as unknown[] | undefined),
    close: async () => {
      if (!pool.ended) await pool.end();
    },
  };
}

/** Opens one connection outside the pool. The caller ends it. */
export async function openConnection(address: Address): Promise<pg.Client> {
  const client = new SafeClient(clientConfig(address));
  await client.connect();
  try {
    await prepareSession(client, address, false);
  } catch (error) {
    await client.end().catch(() => undefined);
    throw error;
  }
  return client;
}

/** Opens a database for the time of `work`. */
export async function withDatabase<T>(
  address: Address,
  options: { max?: number; readOnly?: boolean },
  work: (db: Database) => Promise<T>,
): Promise<T> {
  const db = openDatabase(address, options);
  try {
    return await work(db);
  } finally {
    await db.close();
  }
}

/**
 * Where a connection fails on our side, such as for want of a password, `pg` leaves it open, and the process with it; and one that
 * breaks ends the process where nobody listens. Here it rejects the query that it is busy with, or the next one.
 */
class SafeClient extends pg.Client {
  constructor(config?: pg.ClientConfig) {
    super(config);
    this.connection.on("error", () => this.connection.stream.destroy());
    this.on("error", () => undefined);
  }
}

const clientConfig = ({ client }: Address): pg.ClientConfig => ({
  ...client,
  application_name: APPLICATION_NAME,
  keepAlive: true,
  connectionTimeoutMillis: 15_000,
});

/**
 * A time as text must mean the same wherever it is read back; a page is too short a statement for compiling it to pay;
 * and the server must notice when we are gone, where its platform lets it.
 */
async function prepareSession(client: pg.ClientBase, { schema }: Address, readOnly: boolean): Promise<void> {
  const settings = ["datestyle = 'ISO, YMD'", "timezone = 'UTC'", "jit = off", ...NO_TIMEOUTS];
  if (schema !== undefined) settings.push(`search_path = ${quoteName(schema)}`);
  if (readOnly) settings.push("default_transaction_read_only = on");
  await client.query([...settings.map((setting) => `set ${setting}`), MORE_MEMORY].join("; "));
  await client.query("set client_connection_check_interval = '2s'").catch((error: unknown) => {
    if (sqlStateOf(error) !== INVALID_PARAMETER_VALUE) throw error; // a server on Windows takes 0 only
  });
}
