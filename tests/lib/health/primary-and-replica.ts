/** A server and a streaming replica of it, for one test file alone: what concerns a whole server can't be tried on a shared one. */
import { appendFile, chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { run } from "../../../scripts/lib/embedded/command.ts";
import { findPlace } from "../../../scripts/lib/embedded/place.ts";
import { stop } from "../../../scripts/lib/embedded/postmaster.ts";
import { acquireServer, type EmbeddedServer } from "../../../scripts/lib/embedded/server.ts";

const SETTINGS = {
  fsync: "off",
  max_connections: "30",
  max_prepared_transactions: "2",
  reserved_connections: "2",
  shared_buffers: "16MB",
};

export interface Pair {
  readonly primary: Server;
  readonly replica: Server;
  /** Starts the replica again after `stopReplica`. */
  startReplica(): Promise<void>;
  stopReplica(): Promise<void>;
  remove(): Promise<void>;
}

export interface Server {
  /** Of a database that the primary made; the replica may be at another address after each start. */
  readonly url: string;
  /** On a connection of its own, so that it outlives restarts. */
  query<Row extends pg.QueryResultRow = pg.QueryResultRow>(sql: string): Promise<pg.QueryResult<Row>>;
}

/** Copies the data of a server that is stopped: what comes along of PostgreSQL has no pg_basebackup. */
export async function startPair(name: string): Promise<Pair> {
  const [home, copyHome] = [await makeHome(), await makeHome()];
  const first = await acquireServer({ home, settings: SETTINGS });
  await first.database("crm");
  const [place, copy] = [await findPlace(home), await findPlace(copyHome)];
  await first.release(); // the last who uses it: it stops
  const { code, output } = await run("cp", ["-a", place.data, copy.data]);
  if (code !== 0) throw new Error(output);
  await appendFile(join(copy.data, "standby.signal"), "");
  const server = await acquireServer({ home, settings: SETTINGS });
  const { port } = new URL(server.adminUrl);
  const follow = {
    ...SETTINGS,
    primary_conninfo: `host=127.0.0.1 port=${port} user=postgres application_name=${name}`,
    wal_retrieve_retry_interval: "100ms",
  };
  let replica: EmbeddedServer = await acquireServer({ home: copyHome, settings: follow });
  return {
    primary: serverOf(() => server),
    replica: serverOf(() => replica),
    startReplica: async () => {
      replica = await acquireServer({ home: copyHome, settings: follow });
    },
    stopReplica: () => replica.release(),
    remove: async () => {
      await replica.release();
      await server.release();
      // One that a failed test has left running would keep the folder busy.
      for (const place of [copy, await findPlace(home)]) await stop(place);
      for (const folder of [home, copyHome]) await rm(folder, { recursive: true, force: true });
    },
  };
}

async function makeHome(): Promise<string> {
  const home = await mkdtemp(join(tmpdir(), "pair-"));
  await chmod(home, 0o755);
  return home;
}

function serverOf(server: () => EmbeddedServer): Server {
  const urlOf = () => server().adminUrl.replace(/\/postgres$/, "/crm");
  return {
    get url() {
      return urlOf();
    },
    query: async (sql) => {
      const client = new pg.Client({ connectionString: urlOf(), application_name: "psql" });
      await client.connect();
      return client.query(sql).finally(() => client.end());
    },
  };
}
