/** A PostgreSQL server for one test file alone, which it may stop, lock up or turn into a replica. */
import { appendFile, chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { parseAddress } from "../../scripts/lib/db/address.ts";
import { findPlace } from "../../scripts/lib/embedded/place.ts";
import * as postmaster from "../../scripts/lib/embedded/postmaster.ts";
import { acquireServer } from "../../scripts/lib/embedded/server.ts";
import { applyFolders } from "../../scripts/lib/schema/engine.ts";
import { listFolders } from "../../scripts/lib/schema/folders.ts";
import type { Asked } from "./crm.ts";

const SETTINGS = { fsync: "off", synchronous_commit: "off" };

export interface OwnServer extends Asked {
  /** Of a database with every migration applied. */
  readonly url: string;
  stop(): Promise<void>;
  start(): Promise<void>;
  /** From now on this role's password is asked for. */
  requirePassword(role: string): Promise<void>;
  /** Restarts it as a replica, which may only be read. */
  becomeReplica(): Promise<void>;
  remove(): Promise<void>;
}

export async function startOwnServer(): Promise<OwnServer> {
  const home = await mkdtemp(join(tmpdir(), "own-server-"));
  await chmod(home, 0o755);
  const server = await acquireServer({ home, settings: SETTINGS });
  const place = await findPlace(home);
  const url = await server.database("crm");
  await applyFolders(parseAddress(url), await listFolders());
  // A connection of its own for each question: none has to outlive a restart.
  const query: Asked["query"] = async (sql, values) => {
    const client = new pg.Client(url);
    client.on("error", () => undefined);
    await client.connect();
    return client.query(sql, values as unknown[] | undefined).finally(() => client.end());
  };
  const start = async () => void (await postmaster.start(place, SETTINGS));
  const stop = () => postmaster.stop(place);
  return {
    url,
    query,
    start,
    stop,
    requirePassword: async (role) => {
      const rules = `host all ${role} 127.0.0.1/32 scram-sha-256\nhost all all 127.0.0.1/32 trust\n`;
      await writeFile(join(place.data, "pg_hba.conf"), rules);
      await query("select pg_reload_conf()");
    },
    becomeReplica: async () => {
      await stop();
      await appendFile(join(place.data, "standby.signal"), "");
      await start();
    },
    remove: async () => {
      await server.release();
      await rm(home, { recursive: true, force: true });
    },
  };
}
